"""Visit the links of the materials; keep what stood behind them when they were submitted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from merilo import law
from merilo.foundation import jobs
from merilo.foundation.fetching import Access, Go
from merilo.foundation.journal.recording import record
from merilo.law import Reason
from merilo.law.refusal import _
from merilo.mechanisms import access
from merilo.mechanisms.models import AccessSecret, Exhibit, Submission, Visit
from merilo.mechanisms.queries import scope, visits
from merilo.mechanisms.rules.evidence import address_key, spelling
from merilo.mechanisms.steps import evidence as steps
from merilo.mechanisms.steps import secrets
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.steps import day_at

NOTHING_TO_VISIT = Reason(
    "mechanisms.nothing-to-visit",
    _("В форме пока нет ни одной ссылки: проверять нечего."),
)


def ask_to_visit(*, submission_id: int, actor: Viewer, now: datetime) -> Submission:
    """Put the links of the materials before the worker now, without waiting for the night."""
    permit(actor, access.ROLES, "mechanisms.visit")
    with transaction.atomic(durable=True):
        submission = scope.readable_by(actor).get(pk=submission_id)
        if not visits.links_of(submission.pk).exists():
            law.refuse([NOTHING_TO_VISIT()])
        record("evidence.asked", actor=actor, about=submission, at=now)
        jobs.defer(
            "visit_evidence",
            queueing_lock=f"visit_evidence:{submission.pk}",
            submission_id=submission.pk,
        )
    return submission


def visit_address(
    *,
    address: str,
    pages: Collection[int] = (),
    submission_id: int | None = None,
    actor: Viewer,
    now: datetime,
    go: Go = steps.to_the_network,
) -> Visit:
    """Go to one address and keep what is there, with pictures of the pages named.

    With the materials that name it their password may be told to the server it was given for.
    The network is asked before the transaction is opened: a slow site locks nothing.
    """
    permit(actor, access.ROLES, "mechanisms.clock")
    profile, today = registry.active_profile(), day_at(actor, now)
    named = visits.named_behind(submission_id, address)
    told = _unsealed(named.secret, now=now)
    seen = steps.look(address, pages, names=named.names, access=told, go=go)
    lines = profile.value("mechanisms.text_page_lines", on=today).value
    with transaction.atomic(durable=True):
        document = steps.keep_document(seen, page_lines=lines, now=now)
        visit = Visit.objects.create(
            address=spelling(address),
            key=address_key(address),
            at=now,
            opened_for_id=submission_id if named.is_closed else None,
            outcome=seen.outcome,
            access=seen.access,
            status=seen.status,
            final_address=str(seen.visited.final) if seen.visited else "",
            document=document,
        )
        steps.keep_attached(visit, seen, page_lines=lines, now=now)
        record(
            "evidence.visited", actor=actor, about=visit, at=now, outcome=visit.outcome,
            files=len(seen.attached),
        )  # fmt: skip
        if named.secret is not None and told is not None:
            record(
                "mechanisms.secret-used", actor=actor, about=named.secret.link, at=now,
                submission=submission_id, result=str(seen.access),
            )  # fmt: skip
    return visit


def _unsealed(secret: AccessSecret | None, *, now: datetime) -> Access | None:
    """The password of a closed page for this one visit, as long as it is kept."""
    if secret is None or secret.forgotten_at is not None:
        return None
    today = day_at(secret.link.answer.submission.organisation, now)
    if secret.expires_on < today:
        return None
    insisted = registry.active_profile().value("mechanisms.secret_over_open_line", on=today)
    return secrets.for_the_worker(secret, over_open_line=insisted.value)


def keep_exhibits(*, submission_id: int, actor: Viewer, now: datetime) -> int:
    """Fix what stands behind each link of submitted materials; how many were fixed. Twice is once.

    A link that has not opened yet is left for the next round, until the grace of the law is over.
    """
    permit(actor, access.ROLES, "mechanisms.clock")
    with transaction.atomic(durable=True):
        submission = Submission.objects.select_for_update(of=("self",)).get(pk=submission_id)
        if submission.submitted_at is None:
            return 0
        profile = registry.active_profile()
        hours = profile.value(
            "mechanisms.evidence_grace_h", on=day_at(submission.organisation, now)
        )
        grace = timedelta(hours=hours.value)
        links = list(visits.links_of(submission.pk))
        closed = visits.closed_keys(links)
        fixed = [
            Exhibit.objects.get_or_create(
                link=link,
                submitted_at=submission.submitted_at,
                defaults={"submission": submission, "visit": visit},
            )
            for link in links
            if (
                visit := visits.visit_to_fix(
                    visits.visits_behind(link, closed),
                    submitted_at=submission.submitted_at,
                    now=now,
                    grace=grace,
                )
            )
            is not None
        ]
        new = sum(created for _exhibit, created in fixed)
        if new:
            record("evidence.kept", actor=actor, about=submission, at=now, count=new)
    return new
