"""Parts of actions on seats: lock in one order, take a seat, give it back, tell the parent.

The order of locks is the same everywhere: sessions by id, then the application, then the
reserve kits. The journal's chain comes last. Two people booking at once never wait in a ring.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext

from merilo import law
from merilo.admissions import steps as admissions
from merilo.admissions.models import Application, Referral
from merilo.casework.rules import DutyFacts, term
from merilo.casework.steps import replace_duties
from merilo.foundation.journal.recording import record
from merilo.law import Refusal, decided_under, in_words
from merilo.materials import steps as materials
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer
from merilo.registry.rules import Function
from merilo.registry.steps import day_at, in_transaction

from . import queries, rules
from .models import Booking, Schedule, TestSession
from .rules import BookingState, ScheduleState


def lock_session(session_id: int) -> TestSession:
    """One session, locked before anything else of the booking."""
    return lock_sessions(session_id)[0]


def lock_sessions(*session_ids: int) -> list[TestSession]:
    """Sessions locked in the order of their ids, given back in the order asked for."""
    in_transaction()
    found = {
        one.pk: one
        for one in TestSession.objects.select_for_update(of=("self",))
        .select_related("schedule", "place", "testing_org", "testing_org__territory")
        .filter(pk__in=set(session_ids))
        .order_by("pk")
    }
    if found.keys() != set(session_ids):
        raise TestSession.DoesNotExist
    return [found[pk] for pk in session_ids]


def lock_referral(referral_id: int) -> tuple[Application, Referral]:
    """A referral with its application locked: whoever changes the one locks the other first."""
    in_transaction()
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("school", "child")
        .filter(referrals=referral_id)
        .first()
    )
    if application is None:
        raise Referral.DoesNotExist
    referral = Referral.objects.select_related("testing_org").get(pk=referral_id)
    referral.application = application
    return application, referral


def kept(warnings: Iterable[Refusal]) -> list[dict[str, Any]]:
    """Warnings as they are stored beside what was done in spite of them."""
    return [
        {
            "code": one.code,
            "sentence": one.sentence(),
            "act": one.source.act.id if one.source else "",
            "paragraph": one.source.paragraph if one.source else "",
            "warning": True,
        }
        for one in warnings
    ]


def take_seat(
    referral: Referral,
    session: TestSession,
    *,
    in_person: rules.InPerson,
    actor: Viewer,
    now: datetime,
    under: tuple[law.Value, ...] = (),
    warnings: Iterable[Refusal] = (),
    identity_document: str = "",
    request_key: str = "",
    moved_from: Booking | None = None,
    uses_reserve_kit: bool = False,
) -> Booking:
    """A booking and one place less. The session is locked; the caller has asked the rules."""
    in_transaction()
    TestSession.objects.filter(pk=session.pk).update(taken=F("taken") + 1)
    session.taken += 1
    if uses_reserve_kit:
        materials.take_kit(session.testing_org_id, referral.grade)
    return Booking.objects.create(
        referral=referral,
        session=session,
        state=BookingState.CONFIRMED,
        booked_at=now,
        booked_by_id=actor.account_id,
        in_person=in_person,
        identity_document=identity_document,
        uses_reserve_kit=uses_reserve_kit,
        moved_from=moved_from,
        request_key=request_key,
        decided_under=decided_under(*under),
        warnings=kept(warnings),
    )


def end_booking(
    booking: Booking, state: BookingState, *, now: datetime, reason: str = ""
) -> Booking:
    """End a live booking. A state that gives the seat back frees it, and its reserve kit.

    Where the seat is freed, lock the session before the application. Raises `Refused` when the
    booking has ended already.
    """
    in_transaction()
    if state not in rules.TRANSITIONS[BookingState(booking.state)]:
        law.refuse([rules.NOT_LIVE()])
    changed = Booking.objects.filter(pk=booking.pk, state=booking.state).update(
        state=state, ended_at=now, end_reason=reason[:200]
    )
    if not changed:
        law.refuse([rules.NOT_LIVE()])
    booking.state, booking.ended_at, booking.end_reason = state, now, reason[:200]
    if state not in rules.HOLDS_SEAT:
        TestSession.objects.filter(pk=booking.session_id).update(taken=F("taken") - 1)
        if booking.uses_reserve_kit:
            grade = Referral.objects.values_list("grade", flat=True).get(pk=booking.referral_id)
            org = TestSession.objects.values_list("testing_org_id", flat=True).get(
                pk=booking.session_id
            )
            materials.return_kit(org, grade)
    return booking


def note_moved(
    booking: Booking, before: Booking, application: Application, *, actor: Viewer, now: datetime
) -> None:
    record(
        "booking.moved",
        actor=actor,
        about=booking,
        at=now,
        case_id=application.pk,
        from_session=before.session_id,
        to_session=booking.session_id,
        held_on=str(booking.session.held_on),
    )


# --- letters -------------------------------------------------------------------------------------


def tell_booked(
    booking: Booking,
    application: Application,
    *,
    actor: Viewer,
    now: datetime,
    moved: bool = False,
) -> None:
    """The day, the place, what to bring: once for a booking."""
    session = booking.session

    def subject_line() -> str:
        heading = (
            gettext("Новый день тестирования: %(held_on)s")
            if moved
            else gettext("Запись на тестирование: %(held_on)s")
        )
        return heading % {"held_on": admissions.words(session.held_on)}

    def text() -> str:
        when = gettext("%(held_on)s, начало в %(starts_at)s") % {
            "held_on": admissions.words(session.held_on),
            "starts_at": in_words(session.starts_at),
        }
        opening = (
            gettext("День тестирования изменён.")
            if moved
            else gettext("Вы записаны на тестирование.")
        )
        bring = "\n".join(f"— {gettext(one)};" for one in rules.WHAT_TO_BRING)
        return "\n\n".join(
            (
                opening,
                gettext("Когда: %(when)s.") % {"when": when},
                gettext("Где: %(place)s, %(address)s.")
                % {"place": session.place.name, "address": session.place.address},
                gettext("Приходите вместе с ребёнком. Возьмите с собой:") + "\n" + bring,
                gettext("Если прийти не получится, сообщите в тестирующую организацию: %(org)s.")
                % {"org": _contact(session)},
            )
        )

    admissions.tell_parent(
        application,
        "booking-moved" if moved else "booking-made",
        key=f"booking:{booking.pk}",
        subject_line=subject_line,
        text=text,
        actor=actor,
        now=now,
    )


def tell_postponed(
    booking: Booking, application: Application, *, actor: Viewer, now: datetime
) -> None:
    """The day will not be held; the referral stays good; a new day will be told."""
    session = booking.session

    def text() -> str:
        return gettext(
            "Тестирование %(held_on)s перенесено по техническим причинам: «%(reason)s». "
            "Направление действует, записываться заново не нужно: дополнительную дату назначит "
            "министерство, и мы сразу сообщим её."
        ) % {"held_on": admissions.words(session.held_on), "reason": session.cancelled_reason}

    admissions.tell_parent(
        application,
        "booking-postponed",
        key=f"booking-postponed:{booking.pk}",
        subject_line=lambda: gettext("День тестирования перенесён"),
        text=text,
        actor=actor,
        now=now,
    )


def tell_cancelled(
    booking: Booking,
    application: Application,
    *,
    actor: Viewer,
    now: datetime,
    book_until: date | None,
) -> None:
    session = booking.session

    def text() -> str:
        said = gettext("Запись на тестирование %(held_on)s отменена.") % {
            "held_on": admissions.words(session.held_on)
        }
        if book_until is not None:
            said += " " + gettext(
                "Записаться на другой день можно лично до %(until)s включительно: %(org)s."
            ) % {"until": admissions.words(book_until), "org": _contact(session)}
        return said

    admissions.tell_parent(
        application,
        "booking-cancelled",
        key=f"booking-cancelled:{booking.pk}",
        subject_line=lambda: gettext("Запись на тестирование отменена"),
        text=text,
        actor=actor,
        now=now,
    )


def _contact(session: TestSession) -> str:
    org = session.testing_org
    return ", ".join(part for part in (org.short_name, org.phone) if part)


# --- what the ministry owes ----------------------------------------------------------------------


def refresh_schedule_duties(schedule: Schedule, *, now: datetime) -> None:
    """What the ministry still owes for an approved schedule: publication, the letter."""
    in_transaction()
    replace_duties(schedule, _schedule_duties(schedule, now))


def _schedule_duties(schedule: Schedule, now: datetime) -> list[DutyFacts]:
    approved_on = schedule.approved_on
    if schedule.state != ScheduleState.APPROVED or approved_on is None:
        return []
    ministry = registry.region_organisation(Function.MINISTRY, on=approved_on)
    if ministry is None:
        return []
    profile = registry.active_profile()
    open_ones = []
    if schedule.published_on is None:
        open_ones.append(("publish-schedule", rules.publication_due))
    if schedule.minpros_informed_on is None:
        open_ones.append(("inform-minpros", rules.minpros_due))
    return [
        _duty(kind, ministry.pk, schedule.title, now, term(lambda d=due: d(approved_on, profile)))
        for kind, due in open_ones
    ]


def _duty(kind: str, organisation_id: int, label: str, since: datetime, when: Any) -> DutyFacts:
    return DutyFacts(
        kind=kind,
        organisation_id=organisation_id,
        role=Role.MINISTRY,
        label=label[:120],
        since=since,
        due_on=when.due_on,
        due_unknown=when.unknown,
        source=when.value,
    )


def refresh_session_duties(session: TestSession, *, now: datetime) -> None:
    """What the ministry still owes for one day: a new date for those who wait, the letter."""
    in_transaction()
    replace_duties(session, _session_duties(session, now))


def _session_duties(session: TestSession, now: datetime) -> list[DutyFacts]:
    today = day_at(session.testing_org, now)
    ministry = registry.region_organisation(Function.MINISTRY, on=today)
    if ministry is None:
        return []
    label = f"{session.testing_org.short_name}, {in_words(session.held_on)}"
    duties = []
    waiting = queries.waiting_for_new_day(session.pk).count()
    if waiting:
        duties.append(
            DutyFacts(
                kind="set-additional-date",
                organisation_id=ministry.pk,
                role=Role.MINISTRY,
                label=label[:120],
                detail=f"Ждут новой даты: {waiting}",
                since=now,
                source=registry.active_profile().value("booking.additional_date_by", on=today),
            )
        )
    if session.changed_on is not None and session.minpros_informed_on is None:
        profile = registry.active_profile()
        changed_on = session.changed_on
        when = term(lambda: rules.minpros_due(changed_on, profile))
        duties.append(_duty("inform-minpros-of-date", ministry.pk, label, now, when))
    return duties
