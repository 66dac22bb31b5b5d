"""Mark the documents of an application, one or all at once, with their files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from merilo import law
from merilo.admissions import access, rules, steps
from merilo.admissions.models import Application, ApplicationDocument
from merilo.admissions.rules import ApplicationState, DocumentKind, DocumentState
from merilo.foundation.files import store
from merilo.foundation.journal.recording import entry, record_all
from merilo.registry.access import Viewer, permit

PURPOSE = "application-document"
MARKED = ("state", "valid_until", "comment", "file", "checked_by", "checked_at")


@dataclass(frozen=True)
class Upload:
    name: str
    content: bytes


@dataclass(frozen=True)
class DocumentMark:
    """What the clerk says of one document; a file only where a new one came."""

    kind: DocumentKind
    state: DocumentState
    valid_until: date | None = None
    comment: str = ""
    upload: Upload | None = None


def mark_document(
    *, application_id: int, mark: DocumentMark, actor: Viewer, now: datetime
) -> Application:
    return mark_documents(application_id=application_id, marks=[mark], actor=actor, now=now)


def mark_documents(
    *, application_id: int, marks: Sequence[DocumentMark], actor: Viewer, now: datetime
) -> Application:
    """Write the marks that differ from what stands; all of them or none."""
    permit(actor, access.ROLES, "admissions.documents")
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        facts = [
            rules.DocumentFacts(mark.kind, mark.state, mark.valid_until, mark.comment)
            for mark in marks
        ]
        state = ApplicationState(application.state)
        law.refuse(rules.reasons_against_marking(state, facts))
        kinds = {
            mark.kind: store.check(mark.upload.name, mark.upload.content, store.DOCUMENTS)
            for mark in marks
            if mark.upload
        }
        rows = {row.kind: row for row in application.documents.all()}
        changed = []
        for mark in marks:
            row = rows.get(mark.kind) or ApplicationDocument(
                application=application, kind=mark.kind, state=DocumentState.MISSING
            )
            was = row.state
            if _mark(row, mark, kinds.get(mark.kind, ""), actor=actor, now=now):
                changed.append((row, mark, was))
        _write([row for row, _mark, _was in changed])
        record_all(
            entry(
                "application.document",
                actor=actor,
                about=row,
                at=now,
                case_id=row.application_id,
                kind_of_document=str(mark.kind),
                was=str(was),
                state=str(mark.state),
                file=str(row.file_id) if mark.upload else None,
            )
            for row, mark, was in changed
        )
        steps.refresh_duties(application, now=now)
    return application


def _mark(
    row: ApplicationDocument,
    mark: DocumentMark,
    content_type: str,
    *,
    actor: Viewer,
    now: datetime,
) -> bool:
    """Put the mark on the row and keep its file; False where it says what stands already."""
    before = (row.state, row.valid_until, row.comment)
    after = (str(mark.state), mark.valid_until, mark.comment.strip())
    if row.pk and before == after and not mark.upload:
        return False
    if mark.upload:
        row.file = store.keep(
            mark.upload.content,
            name=mark.upload.name,
            content_type=content_type,
            purpose=PURPOSE,
            now=now,
            account_id=actor.account_id,
        )
    row.state, row.valid_until, row.comment = after
    row.checked_by_id = actor.account_id
    row.checked_at = now
    return True


def _write(rows: Sequence[ApplicationDocument]) -> None:
    """All marks in two statements: the rows that stand, and the new ones."""
    ApplicationDocument.objects.bulk_update([row for row in rows if row.pk], MARKED)
    ApplicationDocument.objects.bulk_create([row for row in rows if not row.pk])
