"""Mechanisms (МУМ): criteria by year, the yearly run, the form of primary data, its rules."""

from .states import (
    CYCLE_NAMES,
    CYCLE_TRANSITIONS,
    SUBMISSION_NAMES,
    SUBMISSION_TRANSITIONS,
    CycleState,
    SubmissionState,
)
from .tree import COMPONENT_NAMES, KIND_NAMES, Component, Kind, Node, Shape

__all__ = [
    "COMPONENT_NAMES",
    "CYCLE_NAMES",
    "CYCLE_TRANSITIONS",
    "KIND_NAMES",
    "SUBMISSION_NAMES",
    "SUBMISSION_TRANSITIONS",
    "Component",
    "CycleState",
    "Kind",
    "Node",
    "Shape",
    "SubmissionState",
]
