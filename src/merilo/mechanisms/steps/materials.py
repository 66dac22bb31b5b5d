"""Lock a municipality's materials, write its answers, keep what it owes in step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from merilo.casework.rules import DutyFacts
from merilo.casework.steps import replace_duties
from merilo.foundation.journal.recording import record
from merilo.mechanisms.models import Answer, Criterion, Cycle, Link, Submission
from merilo.mechanisms.rules.form import AnswerFacts, LinkFacts
from merilo.mechanisms.rules.states import CycleState, SubmissionState
from merilo.registry.access import Role, Viewer
from merilo.registry.queries import below
from merilo.registry.steps import in_transaction

FILLED = (
    "url", "document_name", "page_count", "pages", "comment", "closed_access",
    "regional_document", "regional_measure",
)  # fmt: skip


def lock_cycle(cycle_id: int, actor: Viewer) -> Cycle:
    """The run, locked, of the actor's region. Raises `Cycle.DoesNotExist`."""
    in_transaction()
    return (
        Cycle.objects.select_for_update(of=("self",))
        .select_related("region", "edition")
        .filter(below(actor, "region__"))
        .get(pk=cycle_id)
    )


def lock_submission(submission_id: int, actor: Viewer) -> Submission:
    """The materials, locked, of the actor's own municipality."""
    in_transaction()
    return (
        Submission.objects.select_for_update(of=("self",))
        .select_related("cycle", "cycle__edition", "cycle__region", "organisation")
        .filter(below(actor, "organisation__"))
        .get(pk=submission_id)
    )


def write_answer(
    submission: Submission,
    criterion: Criterion,
    said: AnswerFacts,
    *,
    actor: Viewer,
    now: datetime,
) -> Answer:
    """The answer as it now stands; a link keeps its row, and so what is sealed for it."""
    in_transaction()
    answer, made = Answer.objects.get_or_create(
        submission=submission,
        criterion=criterion,
        defaults={"changed_at": now, "changed_by_id": actor.account_id, "version": 0},
    )
    answer.not_applicable, answer.reason = said.not_applicable, said.reason.strip()
    answer.version += 1
    answer.changed_at, answer.changed_by_id = now, actor.account_id
    answer.save()
    kept = {link.seq: link for link in answer.links.all()}
    for facts in said.links:
        link = kept.pop(facts.row, None)
        if facts.is_empty:
            if link is not None:
                link.delete()
            continue
        link = link or Link(answer=answer, seq=facts.row)
        for name in FILLED:
            value = getattr(facts, name)
            setattr(link, name, value.strip() if isinstance(value, str) else value)
        link.save()
    for gone in kept.values():
        gone.delete()
    touch(submission, now=now)
    return answer


def touch(submission: Submission, *, now: datetime) -> None:
    """A change undoes the self-check: what was checked is what is submitted."""
    submission.changed_at = now
    if submission.state == SubmissionState.SELF_CHECKED:
        submission.state = SubmissionState.DRAFT
    submission.save(update_fields=["changed_at", "state"])


def move(submission: Submission, to: SubmissionState, *, actor: Viewer, now: datetime) -> None:
    in_transaction()
    was, submission.state = submission.state, to
    submission.save()
    record(
        "mechanisms.submission-moved", actor=actor, about=submission, at=now, was=str(was),
        becomes=str(to), cycle=submission.cycle_id,
    )  # fmt: skip


def in_rows(links: Iterable[LinkFacts], *, after: int = 0) -> tuple[LinkFacts, ...]:
    """Filled links in rows that follow one another."""
    filled = [link for link in links if not link.is_empty]
    return tuple(replace(link, row=after + n) for n, link in enumerate(filled, start=1))


def refresh_duties(submission: Submission, *, now: datetime) -> None:
    """The municipality owes its form while the run is open and nothing was given."""
    cycle = submission.cycle
    owes = cycle.state == CycleState.OPEN and submission.state in (
        SubmissionState.DRAFT,
        SubmissionState.SELF_CHECKED,
    )
    duties = [_duty(submission, cycle.submit_by)] if owes else []
    replace_duties(submission, duties)


def _duty(submission: Submission, due_on: date) -> DutyFacts:
    return DutyFacts(
        kind="fill-mechanisms",
        organisation_id=submission.organisation_id,
        role=Role.MOUO,
        label=submission.cycle.title[:120],
        since=submission.started_at,
        due_on=due_on,
    )
