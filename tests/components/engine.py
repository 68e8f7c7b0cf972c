"""A Pulumi engine that remembers: the recording mocks behind gRPC, for a provider in a process.

A component provider speaks to the engine only by gRPC, as it would to the real one.
"""

from __future__ import annotations

import asyncio
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import grpc  # type: ignore[import-untyped]  # no type information published
from google.protobuf import (  # type: ignore[import-untyped]  # as above
    empty_pb2,
    json_format,
    struct_pb2,
)
from pulumi.runtime.proto import (
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2_grpc,
)

from aurora_graphql.preview.recording import PROJECT, RecordingMocks, RecordingMonitor

ROOT: Final = Path(__file__).resolve().parents[2]
STACK: Final = "dev"
START_S: Final = 60
RpcError: Final = grpc.RpcError


class _Monitor(RecordingMonitor):
    """The recording monitor without the settings of a program: that runs elsewhere."""

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        if parent:
            type_ = f"{parent.split('::')[2]}${type_}"
        return f"urn:pulumi:{STACK}::{PROJECT}::{type_}::{name}"


class Engine(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Serves what a component asks for while it is constructed; ``messages`` is its log."""

    def __init__(self, mocks: RecordingMocks) -> None:
        self.messages: list[str] = []
        self._monitor = _Monitor(mocks)

    def RegisterResource(self, request: Any, context: Any) -> Any:  # noqa: N802 - the engine's
        return self._monitor.RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:  # noqa: N802 - as above
        return self._monitor.RegisterResourceOutputs(request)

    def GetDeploymentInfo(self, request: Any, context: Any) -> Any:  # noqa: N802 - as above
        return self._monitor.GetDeploymentInfo(request)  # type: ignore[no-untyped-call]  # as above

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802 - as above
        return self._monitor.Invoke(request)  # type: ignore[no-untyped-call]  # as above

    def Log(self, request: Any, context: Any) -> Any:  # noqa: N802 - as above
        self.messages.append(request.message)
        return empty_pb2.Empty()


class Provider:
    """A running component provider, as the engine sees it."""

    def __init__(self, channel: grpc.Channel, engine_address: str) -> None:
        self._stub = provider_pb2_grpc.ResourceProviderStub(channel)
        self._engine_address = engine_address

    def schema(self) -> str:
        """The package's schema, JSON."""
        text: str = self._stub.GetSchema(provider_pb2.GetSchemaRequest(version=0)).schema
        return text

    def construct(
        self,
        component: str,
        name: str,
        inputs: Mapping[str, Any],
        *,
        preview: bool = False,
        engine_address: str = "",
    ) -> tuple[str, dict[str, Any]]:
        """Construct one component; its URN and its outputs. Raises ``grpc.RpcError``.

        ``engine_address``: of another engine than the one that started the provider.
        """
        properties = struct_pb2.Struct()
        properties.update(inputs)
        response = self._stub.Construct(
            provider_pb2.ConstructRequest(
                project=PROJECT,
                stack=STACK,
                dryRun=preview,
                monitorEndpoint=engine_address or self._engine_address,
                parallel=1,
                type=f"{PROJECT}:index:{component}",
                name=name,
                inputs=properties,
            )
        )
        return response.urn, json_format.MessageToDict(response.state)


@contextmanager
def engine(mocks: RecordingMocks) -> Iterator[tuple[Engine, str]]:
    """An engine on a free port of the loopback, and its address."""
    servicer = Engine(mocks)
    loop = asyncio.new_event_loop()  # the mocks want one in the thread that answers
    worker = ThreadPoolExecutor(1, initializer=asyncio.set_event_loop, initargs=(loop,))
    server = grpc.server(worker)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(servicer, server)
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield servicer, f"127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()
        worker.shutdown()
        loop.close()


@contextmanager
def provider(engine_address: str) -> Iterator[Provider]:
    """The plugin in a process of its own, started as Pulumi starts it."""
    process = subprocess.Popen(
        [sys.executable, "-u", str(ROOT / "plugin"), engine_address],
        cwd=ROOT / "plugin",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=lambda out: lines.put(out.readline()), args=[process.stdout])
    reader.start()
    try:
        port = lines.get(timeout=START_S).strip()
        assert port, process.stderr.read()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Provider(channel, engine_address)
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()
        process.stderr.close()
