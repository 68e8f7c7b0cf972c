"""A field that the caller may not read: an error wherever it would stand, and nothing is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from handler.compiler.hints import Hints
from handler.compiler.plan import Batch, Member, Node, Plan
from handler.errors import AccessError, LoginError
from handler.scalars.scalar import NotSureError

if TYPE_CHECKING:
    from handler.fields.building import Builder
    from handler.model.model import Model


class ForbiddenNode(Node, frozen=True):
    """In place of a field of any kind."""

    is_nullable: bool
    login_helps: bool  # nobody has logged in, and some who have may read it

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return "forbidden" + (", unless logged in" if self.login_helps else "")

    def hints(self, model: Model, plan: Plan, member: Member) -> Hints:
        """None: others decide where it stands, and an answer with errors is not cached."""
        return iter(())

    def write(self, rows: Any) -> NoReturn:
        raise NotSureError

    def build(self, builder: Builder, member: Member, place: Any, path: Any) -> NoReturn:
        raise forbidden(member.field, login_helps=self.login_helps)


def forbidden(field: str, *, login_helps: bool) -> AccessError:
    """The error where the caller may not read ``field``, such as ``Order.total``."""
    if login_helps:
        return LoginError(f"Log in to read {field}.")
    return AccessError(f"You may not read {field}.")
