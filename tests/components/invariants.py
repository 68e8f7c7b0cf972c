"""What must hold for every graph: the rules of ``preview.rules``."""

from preview.rules import PRODUCTION_RULES, RULES, findings

__all__ = ["PRODUCTION_RULES", "RULES", "findings"]
