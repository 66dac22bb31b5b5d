"""Variants in stock, and those a child was given before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from merilo.admissions.rules import ApplicationState
from merilo.law import Part
from merilo.materials.models import Variant
from merilo.testday import rules
from merilo.testday.models import (
    Attempt,
)
from merilo.testday.rules import AttemptState


def variants_of(grades: Iterable[int], *, on: date) -> dict[tuple[int, Part], list[rules.Variant]]:
    """The variants in stock on that day, by grade and part, in the order of their numbers."""
    found: dict[tuple[int, Part], list[rules.Variant]] = defaultdict(list)
    rows = (
        Variant.objects.filter(grade__in=set(grades), received_on__lte=on)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
        .order_by("number")
    )
    for row in rows:
        found[row.grade, Part(row.part)].append(rules.Variant(row.number, row.listening_text))
    return found


def past_attempts(person_ids: Iterable[int]) -> dict[int, list[rules.PastAttempt]]:
    """Earlier attempts by person, those of rows merged into him included."""
    ids = set(person_ids)
    rows = (
        Attempt.objects.filter(Q(person_id__in=ids) | Q(person__merged_into_id__in=ids))
        .select_related("variant_oral", "variant_written", "application", "person")
        .order_by("held_on", "pk")
    )
    found: dict[int, list[rules.PastAttempt]] = defaultdict(list)
    for row in rows:
        variants = {}
        if row.variant_oral:
            variants[Part.ORAL] = row.variant_oral.number
        if row.variant_written:
            variants[Part.WRITTEN] = row.variant_written.number
        owner = row.person_id if row.person_id in ids else row.person.merged_into_id
        found[owner].append(rules.PastAttempt(row.held_on, row.grade, variants, _end_of(row)))
    return found


_ENDS = {
    AttemptState.ANNULLED: rules.AttemptEnd.ANNULLED,
    AttemptState.INTERRUPTED_TECH: rules.AttemptEnd.INTERRUPTED_TECH,
    AttemptState.INTERRUPTED_PERSONAL: rules.AttemptEnd.INTERRUPTED_PERSONAL,
}


def _end_of(attempt: Attempt) -> rules.AttemptEnd:
    """How it ended. Until the result is known it counts as unsuccessful: the stricter reading."""
    if end := _ENDS.get(AttemptState(attempt.state)):
        return end
    passed = attempt.application.state in (ApplicationState.PASSED, ApplicationState.ENROLLED)
    return rules.AttemptEnd.PASSED if passed else rules.AttemptEnd.FAILED
