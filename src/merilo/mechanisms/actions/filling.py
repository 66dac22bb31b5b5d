"""A municipality fills its form: one position at a time, from a spreadsheet, from last year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import Refusal
from merilo.mechanisms import access, queries
from merilo.mechanisms.models import Answer, Submission
from merilo.mechanisms.rules import form as form_rules
from merilo.mechanisms.rules import submission as rules
from merilo.mechanisms.rules.form import AnswerFacts, LinkFacts
from merilo.mechanisms.rules.states import SubmissionState
from merilo.mechanisms.steps import materials
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.steps import day_at


@dataclass(frozen=True)
class Kept:
    """What is kept, and what still stands against it: said while typing, asked again at the end."""

    answer: Answer
    reasons: tuple[Refusal, ...]


def save_answer(
    *, submission_id: int, said: AnswerFacts, seen_version: int, actor: Viewer, now: datetime
) -> Kept:
    """Keep what is typed about one position, whole or not; a draft may lack anything.

    Refused: a change of somebody else that was not seen, a password in the open text, and a place
    that is none of the form's.
    """
    permit(actor, access.ROLES, "mechanisms.fill")
    with transaction.atomic(durable=True):
        submission = materials.lock_submission(submission_id, actor)
        cycle = submission.cycle
        edition = queries.criteria.edition_of(cycle.edition)
        against = [
            *_reasons_against_filling(submission, actor, now),
            *_reasons_against_keeping(edition, said),
        ]
        law.refuse(against)
        criterion = cycle.edition.criteria.get(code=said.code)
        was = Answer.objects.filter(submission=submission, criterion=criterion).first()
        law.refuse(
            rules.reasons_against_stale(
                said.code, seen=seen_version, now_at=was.version if was else 0
            )
        )
        answer = materials.write_answer(submission, criterion, said, actor=actor, now=now)
        record(
            "mechanisms.answer-saved", actor=actor, about=submission, at=now, code=said.code,
            version=answer.version, links=answer.links.count(),
        )  # fmt: skip
        materials.refresh_duties(submission, now=now)
        answer = queries.forms.answers_of(submission).get(pk=answer.pk)
        reasons = form_rules.reasons_against_answer(
            edition,
            queries.forms.answer_facts(answer),
            queries.forms.law_of(cycle, registry.active_profile()),
        )
    return Kept(answer, tuple(reasons))


def _reasons_against_filling(submission: Submission, actor: Viewer, now: datetime):
    return rules.reasons_against_filling(
        queries.forms.cycle_facts(submission.cycle),
        SubmissionState(submission.state),
        today=day_at(actor, now),
    )


def _reasons_against_keeping(edition, said: AnswerFacts):
    if not form_rules.takes_answer(edition, said.code):
        yield form_rules.not_in_criteria(said.code)
    for link in said.links:
        yield from form_rules.reasons_against_keeping(said.code, link)


def paste_links(
    *,
    submission_id: int,
    rows: Iterable[tuple[str, LinkFacts]],
    actor: Viewer,
    now: datetime,
) -> int:
    """Add links pasted from a spreadsheet below those that are there: all of them or none.

    Each pair is a position's code and a link numbered by its row of the spreadsheet.
    """
    permit(actor, access.ROLES, "mechanisms.fill")
    with transaction.atomic(durable=True):
        submission = materials.lock_submission(submission_id, actor)
        cycle = submission.cycle
        pasting = queries.forms.pasting_of(
            submission, rows, registry.active_profile(), today=day_at(actor, now)
        )
        law.refuse(pasting.stops)
        places = {one.code: one for one in cycle.edition.criteria.all()}
        for one in pasting.positions:
            place = places[one.answer.code]
            materials.write_answer(submission, place, one.answer, actor=actor, now=now)
        count = sum(len(one.lines) for one in pasting.positions)
        record(
            "mechanisms.links-pasted", actor=actor, about=submission, at=now, links=count,
            positions=len(pasting.positions),
        )  # fmt: skip
    return count


def carry_over(*, submission_id: int, actor: Viewer, now: datetime) -> int:
    """Fill an empty form from last year's: the same position, or the one the mapping names.

    Passwords are not carried over, and a position with no counterpart stays empty; how many were
    filled.
    """
    permit(actor, access.ROLES, "mechanisms.fill")
    with transaction.atomic(durable=True):
        submission = materials.lock_submission(submission_id, actor)
        last = queries.forms.last_year_of(submission)
        places = queries.forms.counterparts_of(last, submission) if last else {}
        law.refuse(
            [
                *_reasons_against_filling(submission, actor, now),
                *rules.reasons_against_last_year(
                    found=last is not None,
                    counterparts=len(places),
                    answers=submission.answers.count(),
                ),
            ]
        )
        assert last is not None  # the rule has refused its absence
        filled = 0
        for answer in queries.forms.facts_of(last):
            place = places.get(answer.code)
            if place is None:
                continue
            said = replace(answer, code=place.code, links=materials.in_rows(answer.links))
            materials.write_answer(submission, place, said, actor=actor, now=now)
            filled += 1
        submission.filled_from = last
        submission.save(update_fields=["filled_from"])
        record(
            "mechanisms.carried-over", actor=actor, about=submission, at=now, source=last.pk,
            answers=filled,
        )  # fmt: skip
    return filled
