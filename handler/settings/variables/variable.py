"""What is known of one variable of the environment, and the names of choices."""

from __future__ import annotations

from msgspec import Struct

from handler.settings.kinds import Kind

ERROR, HIDDEN = "error", "hidden"  # of FORBIDDEN_FIELDS
OFF, AUTOMATIC, SAFELIST = "off", "automatic", "safelist"  # of PERSISTED_QUERIES
XRAY, OPENTELEMETRY = "xray", "opentelemetry"  # of TRACING, beside OFF


class Variable(Struct, frozen=True, kw_only=True):
    """One line of the table. ``field`` is the path in ``Settings``; the default stands there."""

    name: str
    field: str
    kind: Kind
    meaning: str
    secret: bool = False

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.field == "database_url"
