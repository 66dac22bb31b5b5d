"""Visit the links of the materials; keep what stood behind them when they were submitted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from merilo import law
from merilo.foundation import jobs
from merilo.foundation.journal.recording import record
from merilo.law import Reason
from merilo.law.refusal import _
from merilo.mechanisms import access
from merilo.mechanisms.models import Exhibit, Link, Submission, Visit
from merilo.mechanisms.queries import evidence as queries
from merilo.mechanisms.rules.evidence import address_key, spelling
from merilo.mechanisms.steps import evidence as steps
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
        submission = queries.readable_by(actor).get(pk=submission_id)
        if not queries.links_of(submission.pk).exists():
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
    actor: Viewer,
    now: datetime,
    go: steps.Go = steps.to_the_network,
) -> Visit:
    """Go to one address and keep what is there, with pictures of the pages named.

    The network is asked before the transaction is opened: a slow site locks nothing.
    """
    permit(actor, access.ROLES, "mechanisms.clock")
    seen = steps.look(address, pages, go=go)
    with transaction.atomic(durable=True):
        document = steps.keep_document(seen, now=now)
        visit = Visit.objects.create(
            address=spelling(address),
            key=address_key(address),
            at=now,
            outcome=seen.outcome,
            status=seen.status,
            final_address=str(seen.visited.final) if seen.visited else "",
            document=document,
        )
        record("evidence.visited", actor=actor, about=visit, at=now, outcome=visit.outcome)
    return visit


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
        fixed = [
            Exhibit.objects.get_or_create(
                link=link,
                submitted_at=submission.submitted_at,
                defaults={"submission": submission, "visit": visit},
            )
            for link in queries.links_of(submission.pk)
            if (visit := _to_fix(link, submission.submitted_at, now, grace)) is not None
        ]
        new = sum(created for _exhibit, created in fixed)
        if new:
            record("evidence.kept", actor=actor, about=submission, at=now, count=new)
    return new


def _to_fix(link: Link, submitted_at: datetime, now: datetime, grace: timedelta) -> Visit | None:
    return queries.visit_to_fix(link.url, submitted_at=submitted_at, now=now, grace=grace)
