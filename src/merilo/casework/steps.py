"""Parts of actions: replace what is owed, hand over, queue a letter. All need an open transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext, override

from merilo.foundation import jobs, languages
from merilo.foundation.journal.recording import record, subject
from merilo.law import Value, decided_under
from merilo.registry.access import Viewer
from merilo.registry.models import Organisation
from merilo.registry.steps import in_transaction

from .models import Dispatch, Duty, Notice
from .rules import Channel, DutyFacts, Failure, NoticeState


def replace_duties(
    about: models.Model | str, duties: Iterable[DutyFacts], *, case_id: int | None = None
) -> None:
    """Make the duties of a subject exactly these; what stays the same keeps its row."""
    in_transaction()
    name = subject(about)
    wanted = {(d.kind, d.organisation_id, d.position_id): d for d in duties}
    for row in Duty.objects.filter(subject=name):
        duty = wanted.get((row.kind, row.organisation_id, row.position_id))
        if duty is None:
            row.delete()
        elif _row(name, case_id, duty, since=row.since) == _row_of(row):
            del wanted[(row.kind, row.organisation_id, row.position_id)]
        else:
            row.delete()
    Duty.objects.bulk_create(
        [Duty(**_row(name, case_id, duty, since=duty.since)) for duty in wanted.values()]
    )


def _row(name: str, case_id: int | None, duty: DutyFacts, *, since: datetime) -> dict[str, Any]:
    source = duty.source
    return {
        "subject": name,
        "case_id": case_id,
        "kind": duty.kind,
        "organisation_id": duty.organisation_id,
        "role": str(duty.role),
        "position_id": duty.position_id,
        "label": duty.label,
        "detail": duty.detail,
        "since": since,
        "due_on": duty.due_on,
        "due_at": duty.due_at,
        "due_unknown": duty.due_unknown,
        "act": source.source.act.id if source else "",
        "paragraph": source.source.paragraph if source else "",
        "parameter": source.name if source else "",
    }


def _row_of(row: Duty) -> dict[str, Any]:
    fields = [f for f in Duty._meta.concrete_fields if f.name != "id"]
    return {field.attname: getattr(row, field.attname) for field in fields}


def hand_over(
    kind: str,
    *,
    about: models.Model | str,
    sender: Organisation | int,
    recipient: Organisation | int,
    label: str,
    actor: Viewer,
    now: datetime,
    today: date,
    case_id: int | None = None,
    due_on: date | None = None,
    under: tuple[Value, ...] = (),
) -> Dispatch:
    """Send something to another organisation through the platform, once; proof of time is kept."""
    in_transaction()
    dispatch, made = Dispatch.objects.get_or_create(
        kind=kind,
        about=subject(about),
        recipient_id=getattr(recipient, "pk", recipient),
        defaults={
            "case_id": case_id,
            "sender_id": getattr(sender, "pk", sender),
            "label": label,
            "due_on": due_on,
            "sent_at": now,
            "sent_by_id": actor.account_id,
            "sent_late": bool(due_on and today > due_on),
            "decided_under": decided_under(*under),
        },
    )
    if made:
        record(
            "dispatch.sent",
            actor=actor,
            about=dispatch,
            at=now,
            case_id=case_id,
            what=kind,
            recipient=dispatch.recipient_id,
            late=dispatch.sent_late,
        )
    return dispatch


def in_language(language: str, write: Callable[[], str], *, official: bool = False) -> str:
    """A text for a person in the language he chose. `write` composes it in the active one.

    What is decided is said in Russian by law: an `official` text has its Russian words below,
    and the translation says that it is for information. So has one whose catalogue has gaps.
    """
    with override(languages.HOME):
        russian = write()
    if (language or languages.HOME) == languages.HOME:
        return russian
    with override(language):
        text = write()
        if text == russian or not (official or languages.missing_in(language)):
            return text
        heading = gettext("Перевод для сведения. Официальный текст — на русском языке, он ниже.")
        divider = gettext("Официальный текст на русском языке:")
    return "\n\n".join((heading, text, f"———\n{divider}", russian))


def queue_notice(
    template: str,
    *,
    key: str,
    channel: Channel,
    address: str,
    subject_line: str,
    body: str,
    actor: Viewer,
    now: datetime,
    language: str = "ru",
    case_id: int | None = None,
    organisation_id: int | None = None,
    attachment_id: Any = None,
) -> Notice | None:
    """Put a letter in the outbox once for a key. E-mail goes by the worker, paper waits for a hand."""
    in_transaction()
    notice, made = Notice.objects.get_or_create(
        key=key,
        defaults={
            "template": template,
            "case_id": case_id,
            "organisation_id": organisation_id,
            "channel": channel,
            "address": address,
            "language": language,
            "subject": subject_line,
            "body": body,
            "attachment_id": attachment_id,
            "state": NoticeState.QUEUED,
            "created_at": now,
        },
    )
    if not made:
        return None
    record(
        "notice.queued",
        actor=actor,
        about=notice,
        at=now,
        case_id=case_id,
        template=template,
        channel=str(channel),
    )
    if channel == Channel.EMAIL:
        jobs.defer("send_notice", notice_id=notice.pk)
    return notice


def send_to_new_address(case_id: int, address: str, *, actor: Viewer, now: datetime) -> None:
    """Letters that the old address did not take go to the corrected one."""
    in_transaction()
    returned = Notice.objects.select_for_update().filter(
        case_id=case_id,
        channel=Channel.EMAIL,
        state=NoticeState.FAILED,
        failure=Failure.ADDRESS,
    )
    for notice in returned.exclude(address=address).order_by("pk"):
        notice.address, notice.state, notice.tries = address, NoticeState.QUEUED, 0
        notice.save(update_fields=["address", "state", "tries"])
        record("notice.queued", actor=actor, about=notice, at=now, case_id=case_id)
        jobs.defer("send_notice", notice_id=notice.pk)
