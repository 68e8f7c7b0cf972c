"""What the database computes in this domain, in plain Python."""

from __future__ import annotations

import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from tests.domains.database import RawRow


def line_total(row: RawRow) -> str | None:
    """``OrderItem.lineTotal``."""
    price, discount = Decimal(row["unit_price"] or 0), Decimal(row["discount"] or 0)
    exact = int(row["quantity"] or 0) * price * (1 - discount)
    return str(exact.quantize(Decimal("0.01"), ROUND_HALF_UP) + 0)


def fold(text: str) -> str:
    """What utf8mb4_unicode_ci finds equal, as far as these names go."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return "".join("\ufffd" if ord(c) > 0xFFFF else c for c in bare.casefold())
