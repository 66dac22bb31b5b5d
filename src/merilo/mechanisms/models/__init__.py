"""What is kept of criteria, cycles and materials."""

from .criteria import CriteriaEdition, CriteriaMatch, Criterion
from .cycle import ChainLink, ChainNode, Ruling
from .evidence import Attachment, Document, DocumentPage, Exhibit, Visit
from .expertise import (
    Appointment,
    Deduction,
    Dispute,
    Expert,
    LeftOut,
    Mark,
    Objection,
    Settlement,
    Tie,
)
from .submission import AccessSecret, Answer, ClusterMember, Cycle, Link, Submission

__all__ = [
    "AccessSecret",
    "Answer",
    "Appointment",
    "Attachment",
    "ChainLink",
    "ChainNode",
    "ClusterMember",
    "CriteriaEdition",
    "CriteriaMatch",
    "Criterion",
    "Cycle",
    "Deduction",
    "Dispute",
    "Document",
    "DocumentPage",
    "Exhibit",
    "Expert",
    "LeftOut",
    "Link",
    "Mark",
    "Objection",
    "Ruling",
    "Settlement",
    "Submission",
    "Tie",
    "Visit",
]
