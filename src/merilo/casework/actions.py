"""Receive what was handed over; send letters and keep what became of them."""

from __future__ import annotations

from datetime import datetime

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Count, Min

from merilo import law
from merilo.foundation import jobs
from merilo.foundation.files import store
from merilo.foundation.journal.recording import record
from merilo.law import Reason
from merilo.law.refusal import _
from merilo.registry.access import Role, Viewer, permit

from . import access, queries
from .models import Dispatch, Notice
from .rules import (
    NOTICE_TRANSITIONS,
    SEND_AGAIN_AFTER,
    Channel,
    DutyFacts,
    NoticeState,
)
from .steps import replace_duties

NOTICE_NOT_WAITING = Reason(
    "casework.notice-not-waiting",
    _("Это уведомление уже не ждёт отправки. Обновите страницу."),
)


def receive(*, dispatch_id: int, actor: Viewer, now: datetime) -> Dispatch:
    """Note that the organisation has what was handed to it. Doing it twice changes nothing."""
    permit(actor, access.ROLES, "casework.receive")
    with transaction.atomic(durable=True):
        dispatch = (
            queries.dispatches_to(actor)
            .select_for_update(of=("self",))
            .get(pk=dispatch_id, sent_at__isnull=False)
        )
        if dispatch.received_at is None:
            dispatch.received_at = now
            dispatch.received_by_id = actor.account_id
            dispatch.save(update_fields=["received_at", "received_by"])
            record(
                "dispatch.received",
                actor=actor,
                about=dispatch,
                at=now,
                case_id=dispatch.case_id,
                what=dispatch.kind,
            )
    return dispatch


def send_notice(*, notice_id: int, now: datetime) -> bool:
    """Send one queued letter, once. A failure leaves it where the clerk sees it, with the reason.

    The row is claimed in its own transaction first: two workers cannot send the same letter, and
    a crash after the claim leaves it «claimed», never sent twice.
    """
    claimed = Notice.objects.filter(pk=notice_id, state=NoticeState.QUEUED).update(
        state=NoticeState.CLAIMED, claimed_at=now
    )
    if not claimed:
        return False
    notice = Notice.objects.select_related("attachment").get(pk=notice_id)
    message = EmailMessage(
        notice.subject,
        notice.body,
        to=[notice.address],
        headers={"Message-ID": f"<notice-{notice.pk}@merilo>", "Auto-Submitted": "auto-generated"},
    )
    try:
        if notice.attachment:
            message.attach(
                notice.attachment.name,
                store.read(notice.attachment),
                notice.attachment.content_type,
            )
        message.send()
    except Exception as wrong:  # noqa: BLE001 - whatever the mail server says is shown to the clerk
        _note(notice, NoticeState.FAILED, now, error=f"{type(wrong).__name__}: {wrong}"[:300])
        return False
    _note(notice, NoticeState.SENT, now)
    return True


def _note(notice: Notice, state: NoticeState, now: datetime, *, error: str = "") -> None:
    with transaction.atomic(durable=True):
        Notice.objects.filter(pk=notice.pk).update(
            state=state,
            sent_at=now if state == NoticeState.SENT else None,
            error=error,
            tries=notice.tries + 1,
        )
        record(
            "notice.sent" if state == NoticeState.SENT else "notice.failed",
            actor=Viewer.system(),
            about=notice,
            at=now,
            case_id=notice.case_id,
            tries=notice.tries + 1,
        )


def send_again(*, notice_id: int, actor: Viewer, now: datetime) -> Notice:
    """Queue a failed letter once more."""
    permit(actor, access.ROLES, "casework.notice_state")
    with transaction.atomic(durable=True):
        notice = queries.notices_of(actor).select_for_update(of=("self",)).get(pk=notice_id)
        _must_follow(notice, NoticeState.QUEUED)
        notice.state = NoticeState.QUEUED
        notice.save(update_fields=["state"])
        record("notice.queued", actor=actor, about=notice, at=now, case_id=notice.case_id)
        if notice.channel == Channel.EMAIL:
            jobs.defer("send_notice", notice_id=notice.pk)
    return notice


def note_delivered(*, notice_id: int, actor: Viewer, now: datetime) -> Notice:
    """Note that a letter reached the person: handed over, receipt returned, read."""
    permit(actor, access.ROLES, "casework.notice_state")
    with transaction.atomic(durable=True):
        notice = queries.notices_of(actor).select_for_update(of=("self",)).get(pk=notice_id)
        _must_follow(notice, NoticeState.DELIVERED)
        notice.state = NoticeState.DELIVERED
        notice.delivered_at = now
        notice.save(update_fields=["state", "delivered_at"])
        record("notice.delivered", actor=actor, about=notice, at=now, case_id=notice.case_id)
    return notice


def _must_follow(notice: Notice, to: NoticeState) -> None:
    if to not in NOTICE_TRANSITIONS[NoticeState(notice.state)]:
        law.refuse([NOTICE_NOT_WAITING()])


def send_waiting(*, now: datetime) -> int:
    """Queue again the letters whose job was lost; a letter that was claimed is never sent twice."""
    waiting = Notice.objects.filter(
        state=NoticeState.QUEUED,
        channel=Channel.EMAIL,
        created_at__lt=now - SEND_AGAIN_AFTER,
    ).order_by("created_at")
    sent = 0
    for notice_id in list(waiting.values_list("pk", flat=True)[:500]):
        sent += send_notice(notice_id=notice_id, now=now)
    return sent


def flag_unsent(*, now: datetime) -> int:
    """Make it a duty of the organisation that its letters have not gone for a day; how many."""
    unsent = (
        queries.unsent_for_long(now)
        .filter(organisation__isnull=False)
        .values("organisation_id")
        .annotate(letters=Count("pk"), oldest=Min("created_at"))
        .order_by("organisation_id")
    )
    rows = list(unsent)
    with transaction.atomic(durable=True):
        replace_duties(
            "letters",
            [
                DutyFacts(
                    kind="letters-not-sent",
                    organisation_id=row["organisation_id"],
                    role=Role.SCHOOL,
                    label=f"Не ушло писем: {row['letters']}",
                    since=row["oldest"],
                )
                for row in rows
            ],
        )
    return sum(row["letters"] for row in rows)
