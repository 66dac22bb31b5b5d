"""Reading responses: describe the table (`Wide`, `Long`), then read it whole or count it in a pass."""

from .counting import count
from .reading import read
from .rules import read_rules
from .sources import Coding, Long, ScoringRules, Source, Wide, key

__all__ = [
    "Coding",
    "Long",
    "ScoringRules",
    "Source",
    "Wide",
    "count",
    "key",
    "read",
    "read_rules",
]
