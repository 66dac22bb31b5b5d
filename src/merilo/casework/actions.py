"""Receive what was handed over; send letters and keep what became of them."""

from __future__ import annotations

from datetime import datetime
from smtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

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
    CLAIM_LASTS,
    NOTICE_TRANSITIONS,
    SEND_AGAIN_AFTER,
    Channel,
    DutyFacts,
    Failure,
    NoticeState,
    next_try,
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
    """Send one queued letter, once. A failure leaves it where the clerk sees it, with the reason;
    if it may pass, `send_waiting` tries again after a pause that grows.

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
        said = f"{type(wrong).__name__}: {wrong}"[:300]
        _note(notice, NoticeState.FAILED, now, failure=_failure(wrong), error=said)
        return False
    _note(notice, NoticeState.SENT, now)
    return True


def _failure(wrong: Exception) -> Failure:
    """What a failure means to the clerk. Codes from 500 on are final (RFC 5321, 4.2.1)."""
    if isinstance(wrong, SMTPRecipientsRefused):
        codes = [code for code, _words in wrong.recipients.values()]
        return Failure.ADDRESS if min(codes, default=0) >= 500 else Failure.SERVER
    if isinstance(wrong, SMTPAuthenticationError):
        return Failure.SERVER  # our own password at the server: the letter is not to blame
    if isinstance(wrong, SMTPResponseException):
        return Failure.REFUSED if wrong.smtp_code >= 500 else Failure.SERVER
    return Failure.SERVER if isinstance(wrong, SMTPException | OSError) else Failure.OTHER


def _note(
    notice: Notice,
    state: NoticeState,
    now: datetime,
    *,
    failure: Failure | None = None,
    error: str = "",
) -> None:
    again = failure and next_try(
        failure,
        tries=notice.tries + 1,
        template=notice.template,
        created_at=notice.created_at,
        now=now,
    )
    # A worker thought dead may still have sent its letter: what was sent is sent.
    before = [NoticeState.CLAIMED, *([] if failure else [NoticeState.FAILED])]
    with transaction.atomic(durable=True):
        noted = Notice.objects.filter(pk=notice.pk, state__in=before).update(
            state=state,
            sent_at=now if state == NoticeState.SENT else None,
            failure=failure or "",
            error=error,
            next_try_at=again,
            tries=notice.tries + 1,
        )
        if not noted:
            return
        record(
            "notice.sent" if state == NoticeState.SENT else "notice.failed",
            actor=Viewer.system(),
            about=notice,
            at=now,
            case_id=notice.case_id,
            tries=notice.tries + 1,
            **({"failure": str(failure)} if failure else {}),
        )


def send_again(*, notice_id: int, actor: Viewer, now: datetime) -> Notice:
    """Queue a failed letter once more."""
    permit(actor, access.ROLES, "casework.notice_state")
    with transaction.atomic(durable=True):
        notice = queries.notices_of(actor).select_for_update(of=("self",)).get(pk=notice_id)
        _must_follow(notice, NoticeState.QUEUED)
        notice.state, notice.next_try_at, notice.tries = NoticeState.QUEUED, None, 0
        notice.save(update_fields=["state", "next_try_at", "tries"])
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
    """Send the letters whose job was lost and those whose pause is over.

    A letter that was claimed is never sent twice: after an hour it is shown to the clerk.
    """
    cut_off = Notice.objects.filter(
        state=NoticeState.CLAIMED, claimed_at__lt=now - CLAIM_LASTS
    ).order_by("pk")
    for notice in list(cut_off[:500]):
        _note(notice, NoticeState.FAILED, now, failure=Failure.CUT_OFF)
    Notice.objects.filter(state=NoticeState.FAILED, next_try_at__lte=now).update(
        state=NoticeState.QUEUED, next_try_at=None
    )
    waiting = Notice.objects.filter(
        state=NoticeState.QUEUED,
        channel=Channel.EMAIL,
        created_at__lte=now - SEND_AGAIN_AFTER,
    ).order_by("created_at")
    sent = 0
    for notice_id in list(waiting.values_list("pk", flat=True)[:500]):
        sent += send_notice(notice_id=notice_id, now=now)
    return sent


def flag_unsent(*, now: datetime) -> int:
    """Make it a duty of the organisation that its letters do not go: for a day, or for good."""
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
