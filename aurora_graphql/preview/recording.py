"""Run a Pulumi program on mocks and read its resource graph.

Two ways to run: outputs known, as when a stack is up, and unknown, as in a first preview, where an
``apply`` is skipped and an identifier of a new resource is not there yet.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import pulumi
from pulumi.output import Unknown
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, rpc, set_mocks
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_root_resource, reset_options
from pulumi.runtime.stack import Stack

from aurora_graphql.preview.answers import REGION, computed_outputs, data_sources, identifier
from aurora_graphql.preview.graph import UNKNOWN, Export, Graph, Resource

PROJECT: Final = "aurora-graphql"


class RecordingMocks(Mocks):
    """Answers as AWS would and remembers every resource.

    ``outputs_known=False`` answers as a first preview does: the inputs come back, no identifier and
    no computed output. ``calls`` adds to the answers of ``answers``: data source token -> result.
    """

    def __init__(
        self,
        *,
        outputs_known: bool = True,
        region: str = REGION,
        calls: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.outputs_known = outputs_known
        self.region = region
        self.resources: list[Resource] = []
        self.component_outputs: dict[str, dict[str, Any]] = {}
        self.secret_values: set[str] = set()
        self._calls = {**data_sources(region), **(calls or {})}

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        inputs = dict(args.inputs)
        if args.custom is False:
            return "", inputs
        if not self.outputs_known:
            return "", inputs
        plain = {key: plain_value(value) for key, value in inputs.items()}
        computed = computed_outputs(args.typ, args.name, plain, region=self.region)
        self.secret_values |= {
            str(rpc.unwrap_rpc_secret(value))
            for value in computed.values()
            if rpc.is_rpc_secret(value)
        }
        # `name` is an input for some types and computed for others: an input wins.
        return args.resource_id or identifier(args.typ, args.name), computed | inputs

    def call(  # type: ignore[override]  # a plain dict is taken, too; (dict, None) is not
        self, args: MockCallArgs
    ) -> dict[Any, Any]:
        if args.token not in self._calls:
            raise AssertionError(f"unexpected data source {args.token}")
        return dict(self._calls[args.token])


def plain_value(value: Any) -> Any:
    """``value`` without the envelopes of the wire: secrets opened, unknowns as ``UNKNOWN``."""
    if rpc.is_rpc_secret(value):
        return plain_value(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Unknown) or value == rpc.UNKNOWN:
        return UNKNOWN
    if isinstance(value, dict):
        return {key: plain_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_value(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # the wire has one kind of number
    if isinstance(value, pulumi.FileArchive | pulumi.FileAsset):
        return {"file": str(value.path)}
    return value


class RecordingMonitor(MockMonitor):
    """A mock engine that also remembers what the plain mocks are not told: parents and options."""

    mocks: RecordingMocks

    def RegisterResource(  # noqa: N802 - the name is the engine's
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        response: resource_pb2.RegisterResourceResponse = super().RegisterResource(  # type: ignore[no-untyped-call]  # pulumi gives it no types
            request
        )
        if request.type != "pulumi:pulumi:Stack":
            inputs = rpc.deserialize_properties(request.object, keep_unknowns=True)
            self.mocks.resources.append(
                Resource(
                    urn=response.urn,
                    typ=request.type,
                    name=request.name,
                    inputs={key: plain_value(value) for key, value in inputs.items()},
                    custom=request.custom,
                    parent=request.parent,
                    protect=request.protect,
                    retain_on_delete=request.retainOnDelete,
                    dependencies=frozenset(request.dependencies),
                    property_dependencies={
                        key: frozenset(urns.urns)
                        for key, urns in request.propertyDependencies.items()
                    },
                    secret_inputs=frozenset(
                        key for key, value in inputs.items() if rpc.is_rpc_secret(value)
                    ),
                    ignore_changes=tuple(request.ignoreChanges),
                    custom_timeouts={
                        operation: duration
                        for operation in ("create", "update", "delete")
                        if (duration := getattr(request.customTimeouts, operation))
                    },
                    aliases=tuple(
                        alias.spec.name or alias.spec.type or alias.urn for alias in request.aliases
                    ),
                )
            )
        return response

    def RegisterResourceOutputs(  # noqa: N802 - the name is the engine's
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> object:
        outputs = rpc.deserialize_properties(request.outputs, keep_unknowns=True)
        self.mocks.component_outputs[request.urn] = {
            key: plain_value(value) for key, value in outputs.items()
        }
        return super().RegisterResourceOutputs(  # type: ignore[no-untyped-call]  # as above
            request
        )


class _Complaints(logging.Handler):
    """Keeps what Pulumi would print as a warning or an error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def declare(
    build: Callable[[], object],
    *,
    outputs_known: bool = True,
    stack: str = "dev",
    mocks: RecordingMocks | None = None,
    project: str = PROJECT,
) -> Graph:
    """Run ``build`` as a Pulumi program until everything has registered.

    ``outputs_known=False`` is a first preview. Errors of the program or of an
    ``apply`` are raised; so is a warning of Pulumi, such as one about a deprecated resource.
    """
    _need_event_loop()
    mocks = RecordingMocks(outputs_known=outputs_known) if mocks is None else mocks
    preview = not mocks.outputs_known
    complaints = _Complaints()
    logger = logging.Logger("pulumi", logging.WARNING)
    logger.addHandler(complaints)
    reset_options(project=project, stack=stack, preview=preview)
    set_mocks(
        mocks,
        project=project,
        stack=stack,
        preview=preview,
        monitor=RecordingMonitor(mocks),
        logger=logger,
    )
    exports: dict[str, Export] = {}

    @pulumi.runtime.test  # type: ignore[untyped-decorator]  # pulumi gives it no types
    async def program() -> None:
        build()
        root = get_root_resource()
        assert isinstance(root, Stack)
        for key, exported in root.outputs.items():
            output = pulumi.Output.from_input(exported)
            exports[key] = Export(
                value=plain_value(await output.future()),
                known=await output.is_known(),
                secret=await output.is_secret(),
            )

    program()
    if complaints.messages:
        raise AssertionError(f"Pulumi complained: {complaints.messages}")
    return Graph(
        resources=tuple(mocks.resources),
        component_outputs=mocks.component_outputs,
        exports=exports,
        secret_values=frozenset(mocks.secret_values),
    )


def _need_event_loop() -> None:
    """Pulumi asks for the thread's event loop, and ``asyncio.run()`` leaves none behind."""
    policy = asyncio.get_event_loop_policy()
    try:
        policy.get_event_loop()
    except RuntimeError:
        policy.set_event_loop(policy.new_event_loop())
