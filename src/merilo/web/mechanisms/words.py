"""How states are coloured, and what is said of where МУМ stands today."""

from merilo.law.refusal import _
from merilo.mechanisms.rules.states import CycleState, EditionState, SubmissionState

CYCLE_KINDS = {
    CycleState.PREPARING: "wait",
    CycleState.OPEN: "soon",
    CycleState.CLOSED: "wait",
    CycleState.EXPERTISE: "soon",
    CycleState.OBJECTIONS: "soon",
    CycleState.FINAL: "ok",
}
SUBMISSION_KINDS = {
    SubmissionState.DRAFT: "wait",
    SubmissionState.SELF_CHECKED: "soon",
    SubmissionState.SUBMITTED: "ok",
    SubmissionState.IN_EXPERTISE: "soon",
    SubmissionState.SCORED: "ok",
    SubmissionState.OBJECTED: "late",
    SubmissionState.FINAL: "ok",
}
NOT_GIVEN = _("не представлено")  # a form that was not given while the run took materials
EDITION_KINDS = {EditionState.DRAFT: "wait", EditionState.FROZEN: "ok"}
EDITION_WORDS = {EditionState.DRAFT: _("готовится"), EditionState.FROZEN: _("закреплена")}


def is_id(said: str) -> bool:
    """A number that may be a row's; Python itself refuses to read one of thousands of digits."""
    return said.isdecimal() and len(said) < 19
