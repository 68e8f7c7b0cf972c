"""The schema as different callers see it, and what is kept of documents for each view.

With ``FORBIDDEN_FIELDS=error`` all see the whole schema. With ``hidden`` a document is checked
against what the caller may use, and the rest is as unknown as if there were none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from cachetools import LRUCache
from msgspec import Struct

from handler.language.cost_formula import Sizes
from handler.language.document import DocumentCache
from handler.language.prepared import NothingPrepared, Sections
from handler.language.schema import Schema
from handler.settings import HIDDEN, SAFELIST, Settings

if TYPE_CHECKING:
    from handler.compiler.permissions import Permissions
    from handler.language.introspection import IntrospectionCache

MAX_PARTIAL_VIEWS = 8  # kept at once; building one takes milliseconds
WHOLE_VIEW_BYTES = 48 * 1024 * 1024  # of documents and their plans
PARTIAL_VIEW_BYTES = 4 * 1024 * 1024


class SchemaView(Struct, dict=True):
    """One schema, with what was asked about it."""

    schema: Schema
    documents: DocumentCache

    @cached_property
    def introspection(self) -> IntrospectionCache:
        """The answers about the schema, which most functions never give."""
        from handler.language.introspection import IntrospectionCache

        return IntrospectionCache(self.schema)


class SchemaViews:
    """Views by the bits of grants. The partial ones that were least used go first."""

    def __init__(
        self,
        schema: Schema,
        permissions: Callable[[], Permissions],
        settings: Settings,
        sizes: Callable[[], Sizes],
        sections: Sections | None = None,
    ) -> None:
        """``permissions`` and ``sizes`` of lists, for the cost, are made when first asked for.

        ``sections``: what was made before from the same schema and settings.
        """
        self._schema = schema
        self._permissions = permissions
        self._settings = settings
        self._sizes = sizes
        self._sections = sections or NothingPrepared()
        self._decisive = permissions().decisive if settings.forbidden_fields == HIDDEN else 0
        self._partial: LRUCache[int, SchemaView] = LRUCache(MAX_PARTIAL_VIEWS)
        self.whole = self._view(schema, WHOLE_VIEW_BYTES, "whole")

    def find(self, satisfied: int) -> SchemaView:
        """The view of callers who meet these requirements."""
        key = satisfied & self._decisive
        if key == self._decisive:
            return self.whole
        found = self._partial.get(key)
        if found is None:
            # Late: only APIs that hide fields need it, and what reads SDL with it.
            from handler.compiler.schema_view import visible_schema

            schema = visible_schema(self._schema, self._permissions(), satisfied)
            found = self._partial[key] = self._view(schema, PARTIAL_VIEW_BYTES, f"{key:x}")
        return found

    def _view(self, schema: Schema, capacity_bytes: int, name: str) -> SchemaView:
        settings = self._settings
        is_listed = settings.persisted_queries == SAFELIST
        # What is on the list runs, questions about the schema as well.
        introspection = settings.introspection or is_listed
        suggestions = settings.introspection and not is_listed
        scope = f"documents {name} {introspection} {suggestions}"
        documents = DocumentCache(
            schema,
            settings.limits,
            introspection=introspection,
            suggestions=suggestions,
            sizes=self._sizes,
            capacity_bytes=capacity_bytes,
            preparation=self._sections.parts(scope, {"schema": schema}),
        )
        return SchemaView(schema, documents)
