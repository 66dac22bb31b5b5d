"""What is kept of criteria, cycles and materials."""

from .criteria import CriteriaEdition, CriteriaMatch, Criterion
from .evidence import Document, DocumentPage, Exhibit, Visit
from .submission import AccessSecret, Answer, Cycle, Link, Submission

__all__ = [
    "AccessSecret",
    "Answer",
    "CriteriaEdition",
    "CriteriaMatch",
    "Criterion",
    "Cycle",
    "Document",
    "DocumentPage",
    "Exhibit",
    "Link",
    "Submission",
    "Visit",
]
