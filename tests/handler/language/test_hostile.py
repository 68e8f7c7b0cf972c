"""The crash corpus: every document in a process of its own, under limits of time and memory.

The process imports and builds the schema first; what is measured is the document alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.handler.language.hostile import corpus

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
CPU_MS = 50
MEMORY_MB = 20


@dataclass(frozen=True)
class Result:
    """What one process said; a crash is the end of its standard error."""

    crash: str = ""
    codes: tuple[str, ...] = ()
    errors: int = 0
    milliseconds: float = 0.0


Results = dict[tuple[str, str], Result]  # by the name of the document and of the limits

SERVE_ONE = """
import gc, json, resource, sys, time
from handler.errors import ClientError, RequestError
from handler.language import ast
from handler.language.document import DocumentCache
from handler.language.introspection import introspect
from handler.language.limits import Limits
from handler.language.sdl import build_schema
from tests.handler.language.schemas import ORDERS

wide = sys.argv[1] == "wide"
limits = Limits()
if wide:
    # Without the limits on shape and cost, the validation has to stand on its own.
    limits = Limits(depth=10**6, fields=10**6, root_fields=10**6, aliases=10**6,
                    directives=10**6, introspection_lists=10, cost=10**15)
schema = build_schema({"orders.graphql": ORDERS})
cache = DocumentCache(schema, limits)
cache.prepare("{ order(orderId: 1) { ...F } } fragment F on Order { id }", None, {})
text = sys.stdin.buffer.read().decode("utf-8", "surrogatepass")
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_MB * 2**20, resource.RLIM_INFINITY))
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
gc.collect()
started = time.process_time()
codes = []
try:
    prepared = cache.prepare(text, None, {})
    for node in prepared.operation.definition.selection_set.selections:
        if isinstance(node, ast.Field) and node.name == "__schema":
            introspect(schema, node, prepared.operation.fragments, {}, prepared.literals)
except RequestError as error:
    codes = [each.code for each in error.errors]
except ClientError as error:
    codes = [error.code]
spent = (time.process_time() - started) * 1000
print(json.dumps({"codes": sorted(set(codes)), "errors": len(codes), "ms": spent}))
"""


def serve_in_a_process(case: tuple[str, str, str]) -> tuple[str, str, Result]:
    name, text, limits = case
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", SERVE_ONE.replace("MEMORY_MB", str(MEMORY_MB)), limits],
        input=text.encode("utf-8", "surrogatepass"),
        capture_output=True,
        cwd=ROOT,
        env=environment,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        return name, limits, Result(f"{done.returncode}: {done.stderr.decode()[-500:]}")
    said = json.loads(done.stdout)
    return name, limits, Result("", tuple(said["codes"]), said["errors"], said["ms"])


def cases() -> Iterator[tuple[str, str, str]]:
    for name, text in corpus():
        yield name, text, "usual"
        if len(text) <= 15_000 and not name.startswith("control"):
            yield name, text, "wide"


@pytest.fixture(scope="module")
def results() -> Results:
    with ThreadPoolExecutor(2) as pool:
        return {
            (name, limits): result for name, limits, result in pool.map(serve_in_a_process, cases())
        }


def test_no_document_ends_its_process(results: Results) -> None:
    crashes = {case: result.crash for case, result in results.items() if result.crash}
    assert crashes == {}
    assert len(results) > 150


def test_no_document_costs_more_than_its_share_of_the_cpu(
    results: Results,
) -> None:
    slow = {case: result for case, result in results.items() if result.milliseconds > CPU_MS}
    assert slow == {}


def test_every_refusal_has_a_code_of_the_list_and_few_errors(
    results: Results,
) -> None:
    codes = {code for result in results.values() for code in result.codes}
    assert codes == {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "LIMIT_EXCEEDED"}
    assert max(result.errors for result in results.values()) <= 21


def test_nul_is_refused_everywhere_and_other_control_characters_only_outside_of_strings(
    results: Results,
) -> None:
    blanks = {0x09, 0x0A, 0x0D}
    for byte in range(0x20):
        outside = results[f"control-{byte:02x}", "usual"].codes
        inside = results[f"control-{byte:02x}-in-a-string", "usual"].codes
        # Outside of a string a blank leaves the field "a" alone, which is unknown.
        assert outside == (
            ("GRAPHQL_VALIDATION_FAILED",) if byte in blanks else ("GRAPHQL_PARSE_FAILED",)
        )
        assert inside == (("GRAPHQL_PARSE_FAILED",) if byte in {0x00, 0x0A, 0x0D} else ())
