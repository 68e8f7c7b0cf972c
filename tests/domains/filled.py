"""Domains with all their rows, the reference over them, and random documents for both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from graphql import get_named_type
from hypothesis import strategies as st

from handler.jobs.migrate import migrate
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.directives import aggregate
from tests.documents import Document, documents
from tests.domains.blog.rows import blog_pools, blog_rows
from tests.domains.database import Tables, insert_rows
from tests.domains.films.rows import films_pools, films_rows, label
from tests.domains.orders.rows import NAMES, order_rows
from tests.domains.orders.values import fold, line_total
from tests.domains.press.rows import press_rows
from tests.domains.site.rows import site_pools, site_rows
from tests.domains.staff.rows import raised, staff_pools, staff_rows
from tests.domains.timetable.rows import timetable_pools, timetable_rows
from tests.integration.servers import MIGRATIONS, run_script
from tests.reference import Reference
from tests.reference_groups import source_name

DOMAINS = Path(__file__).parent


@dataclass(frozen=True)
class Filled:
    """The SDL of a domain whose rows are in a database."""

    sdl: Path
    reference: Reference
    documents: st.SearchStrategy[Document]
    sizes: Mapping[str, Any] = field(default_factory=dict)  # settings of pages, if not the defaults


Fill: TypeAlias = Callable[[DatabaseUrl], Filled]


def fill_orders(url: DatabaseUrl) -> Filled:
    """The example's own tables, made by its migrations."""
    asyncio.run(migrate(url, MIGRATIONS))
    tables = order_rows()
    insert_rows(url, tables)
    sdl = (SDL / "orders.graphql").read_text()
    reference = Reference(url, sdl, {"OrderItem.lineTotal": line_total}, fold=fold)
    identifiers = {
        f"{kind}.{name}Id": [*[row[f"{name}_id"] for row in tables[f"{name}s"]], "none", 7, ""]
        for kind, name in (("Order", "order"), ("Customer", "customer"), ("Product", "product"))
    }
    pools = identifiers | {
        "OrderItem.orderId": identifiers["Order.orderId"],
        "Order.customerId": identifiers["Customer.customerId"],
        "Product.productName": ["", "t", "TE", "te", "pat", "50%", "x_", "_", "O'", *NAMES],
        "Order.orderedAt": [
            "1996-07-04T00:00:00Z",
            "1996-07-04T00:00:00.000001Z",
            "1996-07-04T02:00:00+02:00",
            "2026-11-23T08:30:00.123456Z",
            "2030-01-01T00:00:00-08:00",
        ],
    }
    return Filled(SDL, reference, documents(reference, pools))


def fill_staff(url: DatabaseUrl) -> Filled:
    """The domain ``staff``."""
    tables = staff_rows()
    reference = _fill("staff", url, tables, {"Employee.raised": raised})
    return Filled(_sdl("staff"), reference, documents(reference, staff_pools(tables)))


def fill_timetable(url: DatabaseUrl) -> Filled:
    """The domain ``timetable``."""
    reference = _fill("timetable", url, timetable_rows(), {})
    return Filled(_sdl("timetable"), reference, documents(reference, timetable_pools()))


def fill_films(url: DatabaseUrl) -> Filled:
    """The domain ``films``."""
    reference = _fill("films", url, films_rows(), {"Actor.edge.label": label})
    return Filled(_sdl("films"), reference, documents(reference, films_pools()))


def fill_blog(url: DatabaseUrl) -> Filled:
    """The domain ``blog``."""
    reference = _fill("blog", url, blog_rows(), {})
    return Filled(_sdl("blog"), reference, documents(reference, blog_pools()))


def fill_site(url: DatabaseUrl) -> Filled:
    """The domain ``site``."""
    reference = _fill("site", url, site_rows(), {})
    return Filled(_sdl("site"), reference, documents(reference, site_pools()))


def fill_press(url: DatabaseUrl) -> Filled:
    """The domain ``press``; values for arguments are those that its rows have."""
    reference = _fill("press", url, press_rows(), {})
    ids = [*reference.every_id(), "none", "", 7]
    pools = {"Node.id": ids, "Node.ids": ids, **_stored(reference)}
    pools |= {f"Item.{name}": pools[f"Article.{name}"] for name in ("itemId", "title")}
    pools["Item.noteCount"] = [0, 1, 2, 3]
    return Filled(_sdl("press"), reference, documents(reference, pools))


def _stored(reference: Reference) -> dict[str, list[Any]]:
    """By column, some of its values, beginnings of its texts, and one that no row has."""
    found: dict[str, list[Any]] = {}
    for owner in reference.types.values():
        for name, shown in owner.fields.items():
            kind = get_named_type(shown.type).name
            if source_name(owner) or aggregate(shown) or reference.is_id(owner, name):
                continue
            if kind not in ("ID", "Int", "String", "Date", "Decimal"):
                continue
            rows = reference.all_rows[reference.table(owner)]
            raw = {reference.stored(owner, name, row) for row in rows[:40]} - {None}
            values = [reference.value(owner, name, each) for each in sorted(raw, key=str)]
            if kind == "String":
                values += [each[:2] for each in values[:6]] + ["", "none"]
            found[f"{owner.name}.{name}"] = values or [None]
    return found


def _sdl(name: str) -> Path:
    return DOMAINS / name / "sdl"


def _fill(name: str, url: DatabaseUrl, tables: Tables, expressions: Any) -> Reference:
    run_script(url, *(DOMAINS / name / "tables.sql").read_text().split(";\n\n"))
    insert_rows(url, tables)
    sdl = (_sdl(name) / f"{name}.graphql").read_text()
    return Reference(url, sdl, expressions)
