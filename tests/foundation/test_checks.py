import pytest

from builders import NOW
from grading.builders_grading import a_day, an_attempt
from merilo.foundation.checks import running
from merilo.materials.models import Variant
from merilo.testday.models import Attempt
from testday.builders_testday import variants

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("check", running.checks(), ids=lambda check: check.name)
def test_a_fresh_region_has_nothing_severe(region, check):
    """Every check runs on the real tables; nothing severe is wrong where nothing was done."""
    found = running.run(check)
    assert not (found.count and check.severity == "severe"), found


def test_a_school_without_its_code_is_found(region):
    region.school.exam_code = ""
    region.school.save()
    found = running.run(
        next(c for c in running.checks() if c.name.endswith("school_without_code"))
    )
    assert found.count == 1
    assert "СОШ № 25" in found.first[0]


def test_texts_nobody_began_to_hear_are_not_said_to_have_sounded_together(region):
    made = a_day(region)
    for grade in (2, 10):
        variants(grade, written=("ПЧ-1",), text=f"текст {grade}")
        attempt = an_attempt(made, grade)
        attempt.variant_written = Variant.objects.get(grade=grade, part="written")
        attempt.room_written = region.rooms[0]
        attempt.written_started_at = None
        attempt.save()
    check = next(c for c in running.checks() if c.name.endswith("two_texts_in_one_room"))
    assert running.run(check).count == 0
    Attempt.objects.update(written_started_at=NOW)
    assert running.run(check).count == 1
