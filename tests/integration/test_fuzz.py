"""Schemathesis in its GraphQL mode: generated operations against the running API.

They are made from the API's own introspection answer and asked through the gateway and Lambda's
runtime client. graphql-core judges the operations and the shape of the answers. What it takes and
we refuse must be for a reason that no schema can express, such as the text of a cursor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import graphql
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.schemas import BaseSchema

from aurora_graphql.dev.lambda_task import checkout
from handler.language.sdl import load_schema
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.integration.front import Front, serve, settings_for

EXAMPLES, EXAMPLES_AT_NIGHT = 20, 500  # for each field of Query and each mode
FIELDS = sorted(load_schema(SDL).object("Query").fields)
OF_VALUES = {"BAD_USER_INPUT", "LIMIT_EXCEEDED"}
OF_DOCUMENTS = {"GRAPHQL_VALIDATION_FAILED", "LIMIT_EXCEEDED"}
PAGE_ROWS_MAX = 12
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]

unhurried = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


@dataclass(frozen=True)
class Site:
    """The running API; its schema as Schemathesis and as graphql-core read it."""

    front: Front
    generated: BaseSchema
    judge: graphql.GraphQLSchema

    def check(self, case: Case[Any]) -> None:
        """Ask what was generated, and once more with pages that are not refused."""
        response = case.call(headers={"accept": "application/json"})
        assert response.status_code == 200, response.text
        self.check_answer(str(case.body), response.json())
        tamed = tame(str(case.body))
        status, body = self.front.ask(tamed)
        assert status == 200, body
        self.check_answer(tamed, body)

    def check_answer(self, text: str, body: Any) -> None:
        """The verdict of graphql-core, and the data put through its execution."""
        document = graphql.parse(text)
        errors = body.get("errors", [])
        codes = {error["extensions"]["code"] for error in errors}
        # The judge does not know @oneOf yet.
        is_one_of = any(each["message"].startswith("OneOf Input Object") for each in errors)
        if is_one_of or graphql.validate(self.judge, document):
            assert "data" not in body
            assert codes <= OF_DOCUMENTS
            assert codes
        elif "errors" in body:
            assert codes <= OF_VALUES, body
        else:
            again = graphql.execute(
                self.judge, document, body["data"], field_resolver=by_response_key
            )
            assert isinstance(again, graphql.ExecutionResult)
            assert again.errors is None
            assert again.data == body["data"]


def by_response_key(source: Any, info: graphql.GraphQLResolveInfo[Any], **_: Any) -> Any:
    """What the answer holds in that place; nothing more must be there, nothing less."""
    return source[info.path.key]


class _Tame(graphql.Visitor):
    """Pages of a few rows by every combination of arguments; no cursor, or at times a wrong one."""

    def enter_argument(self, node: graphql.ArgumentNode, *_: Any) -> Any:
        name, value = node.name.value, node.value
        if name in ("first", "last") and isinstance(value, graphql.IntValueNode):
            rows = int(value.value) % (PAGE_ROWS_MAX + 1)
            value = graphql.IntValueNode(value=str(rows))
            return graphql.ArgumentNode(name=node.name, value=value)
        if (
            name in ("after", "before")
            and isinstance(value, graphql.StringValueNode)
            and crc32(value.value.encode("utf-8", "surrogatepass")) % 8
        ):
            return graphql.ArgumentNode(name=node.name, value=graphql.NullValueNode())
        return None


def tame(text: str) -> str:
    """The same operation with small pages and null cursors: random ones are nearly always
    refused, and say nothing of pages."""
    return graphql.print_ast(graphql.visit(graphql.parse(text), _Tame()))


@pytest.fixture(scope="module")
def site(northwind_database: DatabaseUrl) -> Iterator[Site]:
    with serve(checkout(), settings_for(northwind_database)) as front:
        _, told = front.ask(graphql.get_introspection_query())
        judge = graphql.build_client_schema(told["data"])
        yield Site(front, schemathesis.graphql.from_url(front.url), judge)
        # Nothing of all this has cost the environment.
        assert not [line for line in front.log if "Status: " in line]
        assert len([line for line in front.log if "Init Duration: " in line]) == 1


def ask_generated(site: Site, field: str, mode: GenerationMode, options: settings) -> None:
    """Generate operations over one field of Query, and check each."""

    @options
    @given(site.generated["Query"][field].as_strategy(generation_mode=mode))
    def run(case: Case[Any]) -> None:
        site.check(case)

    run()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("field", FIELDS)
def test_generated_operations_are_answered(site: Site, field: str, mode: GenerationMode) -> None:
    ask_generated(site, field, mode, settings(unhurried, max_examples=EXAMPLES, derandomize=True))


@pytest.mark.nightly
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("field", FIELDS)
def test_many_generated_operations_are_answered(
    site: Site, field: str, mode: GenerationMode
) -> None:
    ask_generated(site, field, mode, settings(unhurried, max_examples=EXAMPLES_AT_NIGHT))
