"""Two databases that differ in the rows alone that a caller may not see: its answers are the same.

Which rows these are, says the oracle; what the answers are, nobody has to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import graphql

from handler.stores.url import DatabaseUrl
from tests.apis import Answer, Api
from tests.callers import Caller, Oracle
from tests.domains.database import RawRow
from tests.integration.servers import connect
from tests.questions import Pools, Questions
from tests.reference_groups import source_name


@dataclass(frozen=True)
class Twins:
    """One API over all rows, and the same over those that one caller sees."""

    full: Api
    bare: Api
    oracle: Oracle
    url: DatabaseUrl  # of all rows
    bare_url: DatabaseUrl

    def seen(self, caller: Caller) -> dict[str, list[RawRow]]:
        """By table the rows that some type shows to a caller; all of a table without types."""
        reference = self.oracle.reference
        found = {}
        for table, rows in reference.all_rows.items():
            over = [
                each
                for each in reference.types.values()
                if source_name(each) is None and reference.table(each) == table
            ]
            found[table] = [
                row
                for row in rows
                if not over
                or any(
                    reference.is_row(each, row)
                    and self.oracle._is_seen(caller.principal, each, row)
                    for each in over
                )
            ]
        return found

    def make(self) -> None:
        """The tables of the second database, as those of the first one are."""
        with connect(self.bare_url) as connection, connection.cursor() as cursor:
            for table in self.oracle.reference.all_rows:
                cursor.execute(f"CREATE TABLE `{table}` LIKE `{self.url.database}`.`{table}`")

    def hide(self, caller: Caller) -> int:
        """Leave in the second database what the caller sees; how many rows are gone."""
        seen, hidden = self.seen(caller), 0
        with connect(self.bare_url) as connection, connection.cursor() as cursor:
            cursor.execute("SET FOREIGN_KEY_CHECKS = 0")
            for table, rows in seen.items():
                cursor.execute(f"TRUNCATE TABLE `{table}`")
                key = self._key(table)
                hidden += len(self.oracle.reference.all_rows[table]) - len(rows)
                if rows:
                    same = " AND ".join(f"`{name}` = %s" for name in key)
                    chosen = " OR ".join([f"({same})"] * len(rows))
                    cursor.execute(
                        f"INSERT INTO `{table}` SELECT * FROM `{self.url.database}`.`{table}`"
                        f" WHERE {chosen}",  # names of tables and columns of a test
                        [row[name] for row in rows for name in key],
                    )
        return hidden

    def _key(self, table: str) -> Sequence[str]:
        with connect(self.url) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name FROM information_schema.key_column_usage WHERE table_schema ="
                " DATABASE() AND table_name = %s AND constraint_name = 'PRIMARY'",
                (table,),
            )
            return [str(name) for (name,) in cursor.fetchall()]

    def questions(self, pools: Pools, thin: int, *, kinds_only: bool = False) -> Questions:
        """Those of the schema."""
        told = self.full.run(graphql.get_introspection_query(input_value_deprecation=True))
        schema = graphql.build_client_schema(told.data)
        return Questions(schema, pools, self._ask, thin=thin, kinds_only=kinds_only)

    def _ask(self, text: str) -> dict[str, Any]:
        return self.full.run(text).body

    def differing(self, caller: Caller, documents: Sequence[str]) -> Iterator[str]:
        """The documents whose answers tell of rows that the caller does not see."""
        for text in documents:
            answers = (self.asked(each, caller, text) for each in (self.full, self.bare))
            if len({(answer.text, str(answer.body.get("errors"))) for answer in answers}) > 1:
                yield text

    def asked(self, api: Api, caller: Caller, text: str) -> Answer:
        answer = api.run(text, principal=caller.principal)
        assert "data" in answer.body, (text, answer.body)
        return answer
