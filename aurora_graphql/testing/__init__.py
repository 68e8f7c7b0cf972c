"""Tests of your own API: servers, tables, rows, questions, and what was asked of the database.

    from aurora_graphql.testing import open_api, start_servers

    with start_servers() as servers, servers.database() as database:
        database.migrate("migrations")
        database.load("books", [{"book_id": 1, "title": "Emma"}])
        with open_api(database, sdl="sdl") as api:
            answer = api.ask("{ books { title } }", scopes=["books:read"])
            assert answer.data == {"books": [{"title": "Emma"}]}

``servers`` starts them, ``database`` is one database, ``api`` asks; ``plugin`` has all three as
fixtures of pytest. docs/testing.md explains them.
"""

from aurora_graphql.testing.api import Answer, Api, open_api
from aurora_graphql.testing.database import TestDatabase
from aurora_graphql.testing.servers import Servers, start_servers

__all__ = ["Answer", "Api", "Servers", "TestDatabase", "open_api", "start_servers"]
