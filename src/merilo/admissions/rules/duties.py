"""What the school, and after a no-show its МОУО, owe on a case now, and the best course from here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from merilo.casework.rules import DutyFacts, Term, term
from merilo.law import Answer, Profile, Value

from .documents import authenticity_due, completeness_due
from .facts import ApplicationFacts, ReferralFacts
from .no_shows import WHY_IT_ENDS, NoShowFacts, after_no_show
from .referral import copies_due, copies_missing, reminder_due
from .states import (
    BEFORE_BOOKING,
    TRAINING_STATES,
    UNTESTED_STATES,
    AfterNoShow,
    R,
    S,
    Training,
)
from .testing import exemption


@dataclass(frozen=True)
class CaseFacts:
    """What the duties of a case follow from. `since` is the moment of its present step."""

    application: ApplicationFacts
    label: str
    school: int
    since: datetime
    referral: ReferralFacts | None = None
    training: str = ""
    missed: NoShowFacts | None = None
    mouo: int | None = None  # who confirms the reason of a no-show


def duties_of(case: CaseFacts, profile: Profile) -> tuple[DutyFacts, ...]:
    """What is owed on the case now, each with its term or why there is none."""
    return tuple(_duties(case, profile))


def _duties(case: CaseFacts, profile: Profile) -> Iterator[DutyFacts]:
    application, state = case.application, case.application.state
    received_on = application.received_on
    if state == S.COMPLETENESS_CHECK:
        yield _duty(
            case, "check-completeness", term(lambda: completeness_due(received_on, profile))
        )
    elif state == S.AUTHENTICITY_CHECK:
        full_set_on = application.full_set_on or received_on
        yield _duty(
            case,
            "check-authenticity",
            term(lambda: authenticity_due(received_on, full_set_on, profile)),
        )
    elif state == S.REFERRED and case.referral and case.referral.state == R.ISSUED:
        yield from _duties_of_delivery(case, case.referral, profile)
    elif state in UNTESTED_STATES and case.missed:
        yield from _duties_after_no_show(case, case.missed, profile)
    elif state in (S.PASSED, S.FAILED, S.NO_TEST_REQUIRED):
        yield _duty(case, "decide-admission")
    if state in TRAINING_STATES and not case.training:
        yield _duty(case, "offer-training")
    elif state in TRAINING_STATES and case.training == Training.OFFERED:
        yield _duty(case, "note-training")


def _duties_of_delivery(
    case: CaseFacts, referral: ReferralFacts, profile: Profile
) -> Iterator[DutyFacts]:
    if copies_missing(referral, profile):
        yield _duty(case, "send-copies", term(lambda: copies_due(referral.issued_on, profile)))
    else:
        yield _duty(
            case, "confirm-delivery", term(lambda: reminder_due(referral.issued_on, profile))
        )


def _duties_after_no_show(
    case: CaseFacts, missed: NoShowFacts, profile: Profile
) -> Iterator[DutyFacts]:
    """The acts set no term for either: the duty names the paragraph and no day."""
    follows, value = after_no_show(missed, profile)
    if follows == AfterNoShow.WAIT and case.mouo:
        yield _duty(case, "confirm-no-show", Term(None, value=value), of_mouo=case.mouo)
    elif follows in WHY_IT_ENDS:
        turned_away = case.application.state == S.NOT_ADMITTED
        kind = "decide-not-admitted" if turned_away else "decide-no-show"
        yield _duty(case, kind, Term(None, value=value))


def _duty(
    case: CaseFacts, kind: str, due: Term | None = None, *, of_mouo: int | None = None
) -> DutyFacts:
    due = due or Term(None)
    return DutyFacts(
        kind=kind,
        organisation_id=of_mouo or case.school,
        role="mouo" if of_mouo else "school",
        label=case.label,
        since=case.since,
        due_on=due.due_on,
        due_unknown=due.unknown,
        source=due.value,
    )


def best_case(
    application: ApplicationFacts,
    *,
    today: date,
    earliest_test_on: date | None = None,
    test_on: date | None = None,
    profile: Profile,
) -> Answer:
    """The earliest test and result if every step were done today: «сроки при лучшем ходе»."""
    if test_on is None:
        if application.state not in BEFORE_BOOKING or exemption(
            application.category, on=today, profile=profile
        ):
            return Answer()
        lead = profile.value("booking.min_lead_wd", on=today)
        test_on = profile.days.after(today, lead.value)
        if earliest_test_on and earliest_test_on > test_on:
            test_on = earliest_test_on
        test_on = profile.days.on_or_after(test_on)
        values: tuple[Value, ...] = (lead,)
    else:
        values = ()
    marking = profile.value("results.to_school_wd", on=test_on)
    return Answer(
        dates={"test_from": test_on, "result_by": profile.days.after(test_on, marking.value)},
        decided_under=(*values, marking),
    )
