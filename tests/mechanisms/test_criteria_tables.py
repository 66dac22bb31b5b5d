"""The tables of criteria: what the database itself refuses."""

import pytest
from django.db import DatabaseError, transaction

from journeys.builders_road import vl
from merilo.mechanisms.models import CriteriaEdition, Criterion

pytestmark = pytest.mark.django_db


def test_a_frozen_edition_is_not_thawed_and_keeps_its_year():
    edition = CriteriaEdition.objects.create(
        code="a-region", title="Критерии края", year=2026, renormalisation="none",
        state="draft", created_at=vl(3, 1),
    )  # fmt: skip
    edition.state = "frozen"
    edition.save()
    for field, value in (("state", "draft"), ("year", 2027)):
        with pytest.raises(DatabaseError), transaction.atomic():
            CriteriaEdition.objects.filter(pk=edition.pk).update(**{field: value})


def test_no_row_of_frozen_criteria_is_added_changed_or_taken_away():
    edition = CriteriaEdition.objects.create(
        code="a-region", title="Критерии края", year=2026, renormalisation="none",
        state="draft", created_at=vl(3, 1),
    )  # fmt: skip
    row = {"edition": edition, "kind": "position", "title": "Позиция", "points": 5}
    kept = Criterion.objects.create(code="1", seq=1, **row)
    spare = Criterion.objects.create(code="2", seq=2, **row)
    spare.delete()
    kept.title = "Ещё черновик"
    kept.save()
    edition.state = "frozen"
    edition.save()
    attempts = (
        lambda: Criterion.objects.create(code="3", seq=3, **row),
        lambda: Criterion.objects.filter(pk=kept.pk).update(points=9),
        lambda: Criterion.objects.filter(pk=kept.pk).delete(),
    )
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
