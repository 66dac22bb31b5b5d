"""The tables of criteria: what the database itself refuses."""

import pytest
from django.db import DatabaseError, transaction

from journeys.builders_road import vl
from merilo.mechanisms.models import CriteriaEdition

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
