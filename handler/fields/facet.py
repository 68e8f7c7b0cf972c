"""Facets: lists of groups beside the page of a connection, of all rows that its list has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from handler.compiler.plan import Member
from handler.fields.lists import ListNode
from handler.fields.writing import Cells, Pages
from handler.model.groups import towards_groups
from handler.model.relations import Path as RowsPath

if TYPE_CHECKING:
    from handler.answer import Path
    from handler.compiler.plan import Node
    from handler.fields.building import Builder, PagePlace
    from handler.fields.planner import Planner, Selected
    from handler.fields.slots import BatchBuilder
    from handler.model.connections import ConnectionType


class FacetNode(ListNode, frozen=True):
    """The groups that belong to the page in which the field stands."""

    noun = "facet"

    def write(self, pages: Pages) -> Cells:  # type: ignore[override]  # a page is its row
        batch = pages.writing.plan.batches[self.batch]
        return self.lists(pages.writing, batch, pages.keys, ())

    def build(  # type: ignore[override]  # likewise
        self, builder: Builder, member: Member, page: PagePlace, path: Path
    ) -> Any:
        batch = builder.plan.batches[self.batch]
        places = builder.places(batch, page.key)
        return self.built(builder, member, batch, places, page.key, (), path)


def plan_facet(
    planner: Planner, batch: BatchBuilder, connection: ConnectionType, selected: Selected
) -> Node:
    """The groups, which are a batch of their own beside that of the list."""
    found = planner.model.facets[connection.name, selected.name]
    path = None
    if batch.path is not None:
        path = RowsPath(towards_groups(batch.path.hops, found.rows.target))
    rows = replace(found.rows, conditions=batch.rows.conditions)
    facet = planner.batch(connection.name, rows, selected.nodes, batch.parent, path)
    facet.facet_of = batch.index
    batch.facets.append(facet)
    return FacetNode(facet.index, (), (), found.rows.is_nullable)
