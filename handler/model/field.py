"""What is asked of a field whatever stands behind it: the base class of all kinds of fields."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, StructMeta

from handler.language.schema import Origin

if TYPE_CHECKING:
    from handler.model.conditions import Filter, FilterArgument
    from handler.model.lists import RowsField
    from handler.model.relations import Path
    from handler.model.tables import Table


class AbstractStruct(ABCMeta, StructMeta):
    """The metaclass of structs that have kinds: one that lacks an abstract method cannot be made.

    It makes objects slower to make, by some 20 to 120 ns.
    """


class ModelField(Struct, frozen=True, metaclass=AbstractStruct):
    """What the model has behind one field. A kind of it overrides what is different there.

    Who decides on access, on rights, on indexes or on answers that may be kept asks these, and not
    of which kind a field is.
    """

    is_resolved = False  # answered by a Python function

    @property
    @abstractmethod
    def field(self) -> str:
        """Its name."""

    @property
    @abstractmethod
    def origin(self) -> Origin:
        """Its place in the SDL."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The stored columns of its own row that it needs."""
        return ()

    @property
    def path(self) -> Path | None:
        """The way from its own row to the rows of other tables that it reads."""
        return None

    @property
    def rows(self) -> RowsField | None:
        """How the rows that it gives are chosen, ordered and paged, if it gives many."""
        return None

    @property
    def filters(self) -> tuple[Filter, ...]:
        """What its arguments compare; the columns are of the rows that it reads."""
        return () if self.rows is None else self.rows.filters

    @property
    def inputs(self) -> tuple[FilterArgument, ...]:
        """Its arguments that choose among those rows by an input object."""
        return () if self.rows is None else self.rows.inputs

    @property
    def target(self) -> str:
        """The type of the rows that it reads; empty without any."""
        return "" if self.path is None else self.path.target

    @property
    def chosen(self) -> str:
        """The type of the rows that its arguments choose."""
        return self.target if self.rows is None else self.rows.chosen

    @property
    def all_inputs(self) -> tuple[FilterArgument, ...]:
        """Its arguments that are input objects, whatever they choose."""
        return self.inputs if self.rows is None else self.rows.all_inputs

    def types_read(self, tables: Mapping[str, Table]) -> Iterable[str]:
        """The types whose rows it reads."""
        return () if self.path is None else [hop.target for hop in self.path.hops]

    def tells_of(self, owner: str, tables: Mapping[str, Table]) -> Iterable[tuple[str, str]]:
        """The fields, by type and name, of whose values it tells. ``owner``: the type it is in."""
        return ()
