import pytest

from merilo.foundation.checks import running

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
