"""The lives of a criteria edition, of a region's yearly run and of a municipality's materials."""

from __future__ import annotations

from enum import StrEnum

from merilo.law.refusal import _


class EditionState(StrEnum):
    DRAFT = "draft"
    FROZEN = "frozen"  # a cycle stands on it: nothing in it changes any more


EDITION_TRANSITIONS: dict[EditionState, frozenset[EditionState]] = {
    EditionState.DRAFT: frozenset({EditionState.FROZEN}),
    EditionState.FROZEN: frozenset(),
}
EDITION_NAMES: dict[EditionState, str] = {
    EditionState.DRAFT: _("готовится"),
    EditionState.FROZEN: _("закреплена"),
}


class CycleState(StrEnum):
    PREPARING = "preparing"
    OPEN = "open"  # municipalities fill the form
    CLOSED = "closed"  # nothing is taken any more; experts are being appointed
    EXPERTISE = "expertise"
    OBJECTIONS = "objections"
    FINAL = "final"


CYCLE_TRANSITIONS: dict[CycleState, frozenset[CycleState]] = {
    CycleState.PREPARING: frozenset({CycleState.OPEN}),
    CycleState.OPEN: frozenset({CycleState.CLOSED}),
    CycleState.CLOSED: frozenset({CycleState.OPEN, CycleState.EXPERTISE}),
    CycleState.EXPERTISE: frozenset({CycleState.OBJECTIONS}),
    CycleState.OBJECTIONS: frozenset({CycleState.FINAL}),
    CycleState.FINAL: frozenset(),
}
CYCLE_NAMES: dict[CycleState, str] = {
    CycleState.PREPARING: _("готовится"),
    CycleState.OPEN: _("открыт для материалов"),
    CycleState.CLOSED: _("приём закрыт"),
    CycleState.EXPERTISE: _("экспертиза"),
    CycleState.OBJECTIONS: _("возражения"),
    CycleState.FINAL: _("завершён"),
}


class SubmissionState(StrEnum):
    DRAFT = "draft"
    SELF_CHECKED = "self_checked"
    SUBMITTED = "submitted"
    IN_EXPERTISE = "in_expertise"
    SCORED = "scored"
    OBJECTED = "objected"
    FINAL = "final"


SUBMISSION_TRANSITIONS: dict[SubmissionState, frozenset[SubmissionState]] = {
    # A change after the self-check makes it a draft again: what was checked is what is submitted.
    SubmissionState.DRAFT: frozenset({SubmissionState.SELF_CHECKED}),
    SubmissionState.SELF_CHECKED: frozenset({SubmissionState.DRAFT, SubmissionState.SUBMITTED}),
    # Back to the draft only while the cycle is open: the municipality takes its materials back.
    SubmissionState.SUBMITTED: frozenset({SubmissionState.DRAFT, SubmissionState.IN_EXPERTISE}),
    SubmissionState.IN_EXPERTISE: frozenset({SubmissionState.SCORED}),
    SubmissionState.SCORED: frozenset({SubmissionState.OBJECTED, SubmissionState.FINAL}),
    SubmissionState.OBJECTED: frozenset({SubmissionState.SCORED, SubmissionState.FINAL}),
    SubmissionState.FINAL: frozenset(),
}
SUBMISSION_NAMES: dict[SubmissionState, str] = {
    SubmissionState.DRAFT: _("черновик"),
    SubmissionState.SELF_CHECKED: _("самопроверка пройдена"),
    SubmissionState.SUBMITTED: _("представлено"),
    SubmissionState.IN_EXPERTISE: _("на экспертизе"),
    SubmissionState.SCORED: _("оценено"),
    SubmissionState.OBJECTED: _("подано возражение"),
    SubmissionState.FINAL: _("итог утверждён"),
}
