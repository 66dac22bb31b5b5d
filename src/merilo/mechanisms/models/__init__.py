"""What is kept of criteria, cycles and materials."""

from .criteria import CriteriaEdition, CriteriaMatch, Criterion
from .submission import AccessSecret, Answer, Cycle, Link, Submission

__all__ = [
    "AccessSecret",
    "Answer",
    "CriteriaEdition",
    "CriteriaMatch",
    "Criterion",
    "Cycle",
    "Link",
    "Submission",
]
