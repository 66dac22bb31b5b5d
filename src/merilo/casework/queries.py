"""«Мои дела»: what is owed by a role in an organisation; what came in and went out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from merilo import law
from merilo.law import CalendarNotPublished
from merilo.registry.access import Role, Viewer, may

from . import access
from .models import Dispatch, Duty, Notice
from .rules import UNSENT_AFTER, Channel, NoticeState, Urgency, urgency


def duties_of(viewer: Viewer) -> QuerySet[Duty]:
    """What this person must do: his role in his organisation, or his personal duties."""
    if viewer.role in (Role.MINISTRY, Role.AUDITOR, Role.ADMIN, Role.RCOI):
        mine = Q(organisation_id=viewer.organisation_id, role=viewer.role)
    elif viewer.role in (Role.COMMISSION, Role.MECHANISMS_EXPERT):
        mine = Q(position_id=viewer.position_id)
    else:
        mine = Q(organisation_id=viewer.organisation_id, role=viewer.role, position=None)
    return Duty.objects.filter(mine).order_by(F("due_on").asc(nulls_last=True), "since", "pk")


@dataclass(frozen=True)
class DueDuty:
    """A duty with the time that is left, in working days; negative when late."""

    duty: Duty
    urgency: Urgency
    working_days_left: int | None


def with_urgency(duties: Any, *, today: date, profile: law.Profile) -> list[DueDuty]:
    return [due_duty(duty, today=today, profile=profile) for duty in duties]


def due_duty(duty: Duty, *, today: date, profile: law.Profile) -> DueDuty:
    left = working_days_left(duty.due_on, today=today, profile=profile)
    return DueDuty(duty, urgency(duty.due_on, today, left), left)


def working_days_left(due_on: date | None, *, today: date, profile: law.Profile) -> int | None:
    """Working days from today to the last day; None without a term or without a calendar."""
    if due_on is None:
        return None
    try:
        return profile.days.between(today, due_on)
    except CalendarNotPublished:
        return None


def counters_of(viewer: Viewer, *, today: date, profile: law.Profile) -> dict[str, int]:
    """How many are late, due today or tomorrow, later, without a term."""
    per_day = Counter(duties_of(viewer).order_by().values_list("due_on", flat=True))
    counts = dict.fromkeys(Urgency, 0)
    for due_on, many in per_day.items():
        left = working_days_left(due_on, today=today, profile=profile)
        counts[urgency(due_on, today, left)] += many
    return {str(key): many for key, many in counts.items()}


def duties_of_case(case_id: int) -> QuerySet[Duty]:
    return Duty.objects.filter(case_id=case_id).select_related("organisation").order_by("due_on")


def _dispatches() -> QuerySet[Dispatch]:
    """Dispatches with the names of both organisations, and nothing else of them."""
    return Dispatch.objects.select_related("sender", "recipient").only(
        *(field.name for field in Dispatch._meta.concrete_fields if field.name != "decided_under"),
        "sender__short_name",
        "recipient__short_name",
    )


def dispatches_to(viewer: Viewer) -> QuerySet[Dispatch]:
    """What other organisations handed to this one, the newest first."""
    return _dispatches().filter(recipient_id=viewer.organisation_id).order_by("-sent_at", "-pk")


def not_received_yet(viewer: Viewer) -> int:
    """How many of them wait for a word that they came; nothing for who may not say it."""
    if not may(viewer, access.ROLES, "casework.receive"):
        return 0
    return Dispatch.objects.filter(
        recipient_id=viewer.organisation_id, sent_at__isnull=False, received_at=None
    ).count()


def dispatches_from(viewer: Viewer) -> QuerySet[Dispatch]:
    return _dispatches().filter(sender_id=viewer.organisation_id).order_by("-sent_at", "-pk")


def dispatches_of_case(case_id: int) -> QuerySet[Dispatch]:
    return _dispatches().filter(case_id=case_id).order_by("sent_at")


def notices_of(viewer: Viewer) -> QuerySet[Notice]:
    """Letters of the viewer's organisation; an administrator sees the states of all."""
    if viewer.role in (Role.ADMIN, Role.MINISTRY):
        return Notice.objects.order_by("-created_at", "-pk")
    return Notice.objects.filter(organisation_id=viewer.organisation_id).order_by(
        "-created_at", "-pk"
    )


def unsent_for_long(now: datetime) -> QuerySet[Notice]:
    """E-mails that do not go, for a day or for good: what the alarm of an organisation is about."""
    return Notice.objects.filter(
        state__in=(NoticeState.QUEUED, NoticeState.CLAIMED, NoticeState.FAILED),
        channel=Channel.EMAIL,
    ).filter(
        Q(created_at__lt=now - UNSENT_AFTER)
        | Q(state=NoticeState.FAILED, next_try_at__isnull=True)
    )


def notices_of_case(case_id: int) -> QuerySet[Notice]:
    return Notice.objects.filter(case_id=case_id).order_by("created_at")


def subjects_without_term() -> list[str]:
    """Subjects of duties whose last day could not be counted: «application:12»."""
    return list(
        Duty.objects.filter(due_on=None)
        .exclude(due_unknown="")
        .order_by("subject")
        .values_list("subject", flat=True)
        .distinct()
    )


def file_visible_to(viewer: Viewer, file_id: Any) -> tuple[Any, int | None] | None:
    """The attachment of a letter of the viewer's organisation, with its case."""
    if viewer.role not in (Role.SCHOOL, Role.TESTING_ORG):
        return None
    notice = notices_of(viewer).filter(attachment_id=file_id).select_related("attachment").first()
    return (notice.attachment, notice.case_id) if notice and notice.attachment else None


def letters() -> QuerySet[Notice]:
    """All e-mail letters, the newest first: the mailbox of a demonstration."""
    return Notice.objects.filter(channel="email").order_by("-created_at", "-pk")
