"""From draft to submitted: the self-check, the submission, and the way back while it is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from merilo import law
from merilo.foundation import jobs
from merilo.foundation.journal.recording import record
from merilo.law import Refusal
from merilo.mechanisms import access, queries
from merilo.mechanisms.models import Submission
from merilo.mechanisms.rules import submission as rules
from merilo.mechanisms.rules.form import reasons_against_form
from merilo.mechanisms.rules.states import SubmissionState
from merilo.mechanisms.steps import materials
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.steps import day_at


@dataclass(frozen=True)
class Checked:
    """What the self-check found. Without refusals the form may be submitted."""

    submission: Submission
    reasons: tuple[Refusal, ...]

    @property
    def passed(self) -> bool:
        return all(one.is_warning for one in self.reasons)


def _found_in(submission: Submission, *, today: date) -> tuple[Refusal, ...]:
    """By the words of the form, and by what the last visits saw behind its links."""
    return (
        *reasons_against_form(
            queries.criteria.edition_of(submission.cycle.edition),
            queries.forms.facts_of(submission),
            queries.forms.law_of(submission.cycle, registry.active_profile()),
        ),
        *queries.evidence.reasons_from_visits(submission, on=today),
    )


def self_check(*, submission_id: int, actor: Viewer, now: datetime) -> Checked:
    """Check the whole form by the rules of typing, and note that it was checked."""
    permit(actor, access.ROLES, "mechanisms.fill")
    with transaction.atomic(durable=True):
        submission = materials.lock_submission(submission_id, actor)
        law.refuse(
            rules.reasons_against_filling(
                queries.forms.cycle_facts(submission.cycle),
                SubmissionState(submission.state),
                today=day_at(actor, now),
            )
        )
        done = Checked(submission, _found_in(submission, today=day_at(actor, now)))
        submission.self_checked_at = now
        submission.save(update_fields=["self_checked_at"])
        if done.passed and submission.state == SubmissionState.DRAFT:
            materials.move(submission, SubmissionState.SELF_CHECKED, actor=actor, now=now)
        if not done.passed and submission.state == SubmissionState.SELF_CHECKED:
            materials.move(submission, SubmissionState.DRAFT, actor=actor, now=now)
        record(
            "mechanisms.self-checked", actor=actor, about=submission, at=now, passed=done.passed,
            refusals=sum(not one.is_warning for one in done.reasons),
            warnings=sum(one.is_warning for one in done.reasons),
        )  # fmt: skip
    return done


def submit(*, submission_id: int, actor: Viewer, now: datetime) -> Submission:
    """Give the materials: the rules are asked again, whatever the self-check said before."""
    permit(actor, access.ROLES, "mechanisms.fill")
    with transaction.atomic(durable=True):
        submission = materials.lock_submission(submission_id, actor)
        warnings = law.refuse(
            [
                *rules.reasons_against_submitting(
                    queries.forms.cycle_facts(submission.cycle),
                    SubmissionState(submission.state),
                    today=day_at(actor, now),
                ),
                *_found_in(submission, today=day_at(actor, now)),
            ]
        )
        submission.submitted_at, submission.submitted_by_id = now, actor.account_id
        submission.warnings = [{"code": one.code, "sentence": one.sentence()} for one in warnings]
        materials.move(submission, SubmissionState.SUBMITTED, actor=actor, now=now)
        materials.refresh_duties(submission, now=now)
        # What stands behind the links now is what will be assessed.
        jobs.defer(
            "visit_evidence",
            queueing_lock=f"visit_evidence:{submission.pk}",
            submission_id=submission.pk,
        )
    return submission


def take_back(*, submission_id: int, actor: Viewer, now: datetime) -> Submission:
    """Materials become a draft again, while the run is open."""
    permit(actor, access.ROLES, "mechanisms.fill")
    with transaction.atomic(durable=True):
        submission = materials.lock_submission(submission_id, actor)
        law.refuse(
            rules.reasons_against_taking_back(
                queries.forms.cycle_facts(submission.cycle),
                SubmissionState(submission.state),
                today=day_at(actor, now),
            )
        )
        submission.submitted_at, submission.submitted_by_id = None, None
        materials.move(submission, SubmissionState.DRAFT, actor=actor, now=now)
        materials.refresh_duties(submission, now=now)
    return submission
