"""Random rules and random documents: what is answered is what an oracle says, error by error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import graphql
import orjson
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from aurora_graphql.dev.servers import MariaDb
from handler.access.principal import Principal
from handler.engine.engine import Engine
from handler.errors import RequestError
from handler.language import ast
from handler.language.document import DocumentCache
from handler.language.introspection import introspect
from handler.language.schema import Schema
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from handler.settings import Settings
from tests.apis import NO_LIMITS, Api, open_api, refusal
from tests.documents import Document, documents
from tests.domains.database import insert_rows
from tests.domains.staff.rows import raised, staff_pools, staff_rows
from tests.integration.servers import fresh_database, run_script
from tests.integration.staff import STAFF
from tests.integration.test_reference import by_path
from tests.proof import is_below_null
from tests.reference import Reference
from tests.rules import Oracle, Rules, principals, rules_for, with_rules

# Without filter inputs: what is forbidden in these is proved by ``test_filter_access``.
SDL = re.sub(
    r"\bwhere: \w+Filter,? ?|@filterable(\([^)]*\))?",
    "",
    (STAFF / "sdl" / "staff.graphql").read_text(),
)
QUESTION = graphql.get_introspection_query()


@dataclass(frozen=True)
class Staff:
    """An API without rules, the reference over the same rows, and documents for both."""

    api: Api
    reference: Reference
    documents: st.SearchStrategy[Document]

    def api_with(self, rules: Rules, **more: Any) -> Api:
        """The same API with rules in its SDL."""
        schema = build_schema({"staff.graphql": with_rules(SDL, rules)})
        given = Settings(
            database_url=self.reference.url, introspection=True, limits=NO_LIMITS, **more
        )
        return Api(self.api.loop, Engine(schema, build_model(schema), given), self.api.database)


@pytest.fixture(scope="module")
def staff(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    with fresh_database(mariadb) as url:
        run_script(url, *(STAFF / "tables.sql").read_text().split(";\n\n"))
        tables = staff_rows()
        insert_rows(url, tables)
        reference = Reference(url, SDL, {"Employee.raised": raised})
        folder = tmp_path_factory.mktemp("sdl")
        (folder / "staff.graphql").write_text(SDL)
        with open_api(url, folder) as api:
            yield Staff(api, reference, documents(reference, staff_pools(tables)))


modest = settings(
    max_examples=50,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
RULES = rules_for(SDL)


@modest
@given(rules=RULES, caller=principals(), data=st.data())
def test_what_is_forbidden_is_an_error_and_all_else_is_answered(
    staff: Staff, rules: Rules, caller: Principal, data: st.DataObject
) -> None:
    api = staff.api_with(rules)
    oracle = Oracle(staff.reference.schema, rules, caller)
    for _ in range(3):
        document = data.draw(staff.documents)
        expected = staff.reference.run(document.text, document.variables, refuse=oracle.refuse)
        answer = api.run(document.text, document.variables, principal=caller)
        assert answer.text == orjson.dumps(expected["data"])
        assert by_path(answer.body.get("errors", [])) == by_path(expected.get("errors", []))


@settings(modest, max_examples=30)
@given(rules=RULES, caller=principals(), data=st.data())
def test_the_executor_forbids_the_same(
    staff: Staff, rules: Rules, caller: Principal, data: st.DataObject
) -> None:
    """Tartiflette goes on beside a null that rises, so it may tell more errors below that null."""
    api = staff.api_with(rules)
    api._executor = staff.api._executor
    oracle = Oracle(staff.reference.schema, rules, caller)
    document = data.draw(staff.documents)
    expected = staff.reference.run(document.text, document.variables, refuse=oracle.refuse)
    answer = api.run_by_executor(document.text, document.variables, principal=caller)
    staff.api._executor = api._executor  # plans decide: no resolver of the schema looks at rules
    assert answer.text == orjson.dumps(expected["data"])
    told = by_path(answer.body.get("errors", []))
    for error in by_path(expected.get("errors", [])):
        assert error in told
        told.remove(error)
    assert all(is_below_null(answer.body["data"], error["path"]) for error in told)


@modest
@given(rules=RULES, caller=principals(), data=st.data())
def test_what_is_hidden_is_as_unknown_as_if_there_were_none(
    staff: Staff, rules: Rules, caller: Principal, data: st.DataObject
) -> None:
    hidden = staff.api_with(rules, forbidden_fields="hidden")
    shown = staff.api_with(rules)
    oracle = Oracle(staff.reference.schema, rules, caller)
    sdl = oracle.visible_sdl(with_rules(SDL, rules))
    assume("type Query" in sdl)
    left = build_schema({"staff.graphql": sdl})
    without = DocumentCache(left, NO_LIMITS, sizes=lambda: hidden.engine.list_sizes)
    assert hidden.run(QUESTION, principal=caller).text == introspect_all(left, without)
    for _ in range(3):
        document = data.draw(staff.documents)
        answer = hidden.run(document.text, document.variables, principal=caller)
        if refused := refusals(without, document):
            assert answer.body == {"errors": refused}
        else:
            assert answer == shown.run(document.text, document.variables, principal=caller)
            codes = {error["code"] for error in answer.body.get("errors", [])}
            assert not codes & {"FORBIDDEN", "UNAUTHENTICATED"}


def introspect_all(schema: Schema, documents: DocumentCache) -> bytes:
    """The answer to the usual question about a schema."""
    operation = documents.prepare(QUESTION, None, {}).operation
    (field,) = operation.definition.selection_set.selections
    assert isinstance(field, ast.Field)
    return b'{"__schema":%b}' % introspect(schema, field, operation.fragments, {})


def refusals(documents: DocumentCache, document: Document) -> list[dict[str, Any]]:
    """The errors for a document that a schema does not fit."""
    try:
        documents.prepare(document.text, None, document.variables)
    except RequestError as error:
        return [refusal(each) for each in error.errors]
    return []
