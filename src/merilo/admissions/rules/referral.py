"""The referral: why not yet, copies first, receipt, the term of booking and its end.

Sources: letter 03-608 pp. 4, 11, 22–23; order пр.23а-566 annex 1 sections 2–4; order 727.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from merilo.law import Answer, Profile, Refusal, Value

from .documents import defects
from .facts import ApplicationFacts, ReferralFacts
from .moves import reasons_against_step
from .reasons import (
    BOOKED_FIRST_CANCEL,
    CATEGORY_NOT_PROVED,
    CLOCK_NOT_STARTED,
    COPIES_NOT_SENT,
    EXEMPT_FROM_TEST,
    FOREIGN_TESTING_ORG,
    MISS_HAS_NO_CONSEQUENCE,
    NO_EVIDENCE,
    NOT_YET_EXPIRED,
    PASSED_BEFORE,
    RECEIPT_BEFORE_ISSUE,
    RECEIPT_IN_FUTURE,
    REFERRAL_EXISTS,
    REGISTER_LISTED,
    REGISTER_NOT_CHECKED,
    REVOKE_NEEDS_WORDS,
    WRONG_STEP,
)
from .states import REFERRAL_TRANSITIONS, Category, R, ReferralState, RegisterCheck, S
from .testing import exemption, unproved
from .words import CATEGORY_NAMES, COPY_NAMES, DOCUMENT_NAMES, REFERRAL_NAMES


def reasons_against_referral(
    application: ApplicationFacts,
    *,
    on: date,
    profile: Profile,
    live_referral: str = "",
    assigned_testing_orgs: Iterable[int] = (),
    testing_org: int | None = None,
    passed_before: tuple[date, int] | None = None,
) -> Iterator[Refusal]:
    """Every reason why the school may not issue a referral today."""
    yield from reasons_against_step(application.state, S.AUTHENTICITY_CHECK)
    if free := exemption(application.category, on=on, profile=profile):
        yield EXEMPT_FROM_TEST(free, category=CATEGORY_NAMES[application.category])
    elif application.category != Category.GENERAL:
        for kind in unproved(application):
            yield CATEGORY_NOT_PROVED(document=DOCUMENT_NAMES[kind])
    if application.register_check == RegisterCheck.NOT_DONE:
        yield REGISTER_NOT_CHECKED()
    elif application.register_check == RegisterCheck.LISTED:
        yield REGISTER_LISTED()
    yield from defects(application, on=on, profile=profile)
    place = profile.value("booking.place", on=on)
    elsewhere = testing_org is not None and testing_org not in set(assigned_testing_orgs)
    if place.value == "nearest" and elsewhere:
        yield FOREIGN_TESTING_ORG(place)
    if live_referral:
        yield REFERRAL_EXISTS(number=live_referral)
    if passed_before:
        yield PASSED_BEFORE(on=passed_before[0], grade=passed_before[1])


def reasons_against_delivery(
    referral: ReferralFacts, *, received_on: date, today: date, evidence: str, profile: Profile
) -> Iterator[Refusal]:
    """Why the receipt may not be recorded: copies first, dates possible, evidence given."""
    if R.DELIVERED not in REFERRAL_TRANSITIONS[referral.state]:
        yield WRONG_STEP(state=REFERRAL_NAMES[referral.state])
    copies = profile.value("admissions.referral_copies", on=referral.issued_on)
    if missing := copies_missing(referral, profile):
        yield COPIES_NOT_SENT(copies, missing=", ".join(COPY_NAMES[to] for to in missing))
    if received_on < referral.issued_on:
        yield RECEIPT_BEFORE_ISSUE(issued=referral.issued_on)
    if received_on > today:
        yield RECEIPT_IN_FUTURE()
    if not evidence:
        yield NO_EVIDENCE()


def booking_window(received_on: date | None, profile: Profile) -> Answer:
    """D-04: the last day to come and book. Without a confirmed receipt the clock does not run."""
    if received_on is None:
        return Answer(reasons=(CLOCK_NOT_STARTED(),), dates={"last_day": None})
    term = profile.value("booking.window_wd", on=received_on)
    last_day = profile.days.after(received_on, term.value)
    miss = profile.value("booking.miss", on=received_on)
    return Answer(
        dates={"received_on": received_on, "last_day": last_day},
        outcome={"working_days": term.value, "if_missed": miss.value},
        decided_under=(term, miss),
    )


def reasons_against_annulling(
    referral: ReferralFacts, *, today: date, profile: Profile
) -> Iterator[Refusal]:
    """D-05: an unbooked application is annulled at expiry, where the profile says so."""
    if R.EXPIRED not in REFERRAL_TRANSITIONS[referral.state]:
        yield WRONG_STEP(state=REFERRAL_NAMES[referral.state])
    window = booking_window(referral.received_on, profile)
    yield from window.reasons
    last_day = window.dates["last_day"]
    if last_day is not None:
        if window.outcome["if_missed"] != "annul_application":
            yield MISS_HAS_NO_CONSEQUENCE(window.decided_under[1])
        if today <= last_day:
            yield NOT_YET_EXPIRED(window.decided_under[0], last_day=last_day)


def reasons_against_revoking(state: ReferralState, note: str) -> Iterator[Refusal]:
    if state == R.BOOKED:
        yield BOOKED_FIRST_CANCEL()
    elif R.REVOKED not in REFERRAL_TRANSITIONS[state]:
        yield WRONG_STEP(state=REFERRAL_NAMES[state])
    if not note.strip():
        yield REVOKE_NEEDS_WORDS()


def copies_missing(referral: ReferralFacts, profile: Profile) -> tuple[str, ...]:
    """To whom the copy of the referral still has to go: «testing_org», «mouo»."""
    copies = profile.value("admissions.referral_copies", on=referral.issued_on)
    return tuple(to for to in copies.value if to not in referral.copies_sent_to)


def copies_due(issued_on: date, profile: Profile) -> tuple[date, Value]:
    """D-03: the last day to hand over the copies; the day of issue is day 0."""
    value = profile.value("admissions.referral_copy_wd", on=issued_on)
    return profile.days.after(issued_on, value.value), value


def reminder_due(issued_on: date, profile: Profile) -> tuple[date, Value]:
    """When to ask whether the parent has the referral: a reminder, not a norm."""
    value = profile.value("admissions.receipt_reminder_wd", on=issued_on)
    return profile.days.after(issued_on, value.value), value
