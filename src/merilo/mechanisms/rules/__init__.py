"""Mechanisms (МУМ): criteria by year, the yearly run, the form of primary data, its rules."""

from . import case_exchange, exchange, form, states, submission, tree, worth
from .states import CYCLE_NAMES, CYCLE_TRANSITIONS, SUBMISSION_NAMES, SUBMISSION_TRANSITIONS
from .submission import DUTY_TITLES

__all__ = [
    "CYCLE_NAMES",
    "CYCLE_TRANSITIONS",
    "DUTY_TITLES",
    "SUBMISSION_NAMES",
    "SUBMISSION_TRANSITIONS",
    "case_exchange",
    "exchange",
    "form",
    "states",
    "submission",
    "tree",
    "worth",
]
