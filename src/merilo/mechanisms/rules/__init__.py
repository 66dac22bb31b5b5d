"""Mechanisms (МУМ): criteria by year, the yearly run, the form of primary data, its rules."""

from . import (
    case_exchange,
    comparison,
    evidence,
    exchange,
    form,
    results,
    states,
    submission,
    tree,
    worth,
)
from .states import CYCLE_NAMES, CYCLE_TRANSITIONS, SUBMISSION_NAMES, SUBMISSION_TRANSITIONS

__all__ = [
    "CYCLE_NAMES",
    "CYCLE_TRANSITIONS",
    "SUBMISSION_NAMES",
    "SUBMISSION_TRANSITIONS",
    "case_exchange",
    "comparison",
    "evidence",
    "exchange",
    "form",
    "results",
    "states",
    "submission",
    "tree",
    "worth",
]
