"""РЦОИ keeps the register of variants and the reserve of kits."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from builders import NOW, TODAY
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Part, Refused
from merilo.materials import actions, queries
from merilo.materials.models import ReserveKit, Variant
from merilo.registry.access import Forbidden


@pytest.fixture
def rcoi(client, region, hold_clock):
    hold_clock(NOW)
    client.force_login(region.accounts["rcoi"])
    return client


def text(response) -> str:
    return " ".join(response.content.decode().split())


def register(region, who="rcoi", **fields):
    return actions.register_variant(
        **{
            "grade": 2,
            "part": Part.WRITTEN,
            "number": "ПЧ-01",
            "listening_text": "Т-1",
            "received_on": TODAY,
            "actor": region.viewer(who),
            "now": NOW,
        }
        | fields
    )


def test_a_variant_is_entered_and_taken_out_of_use(rcoi, region):
    form = {
        "grade": "2",
        "part": "written",
        "number": "ПЧ-01",
        "listening_text": "Т-1",
        "received_on": "16.03.2026",
    }
    said = text(rcoi.post(reverse("variants"), form, follow=True))
    assert "Вариант внесён в реестр" in said
    assert "выдаётся" in said
    variant = Variant.objects.get()
    assert list(queries.variants_for(2, Part.WRITTEN, on=TODAY)) == [variant]

    said = text(rcoi.post(reverse("variants"), form))
    assert "уже есть в реестре" in said

    rcoi.post(reverse("variants-end", args=[variant.pk]))
    assert not queries.variants_for(2, Part.WRITTEN, on=date(2026, 3, 17)).exists()
    assert JournalEntry.objects.filter(event="variant.registered").count() == 2


def test_everything_wrong_with_a_variant_is_said_at_once(region):
    with pytest.raises(Refused) as refused:
        register(region, number=" ", listening_text="", valid_to=date(2026, 3, 1))
    assert {one.code for one in refused.value.refusals} == {
        "materials.variant-without-number",
        "materials.no-listening-text",
        "materials.ends-before-start",
    }
    with pytest.raises(Refused) as refused:
        register(region, grade=1)
    assert {one.code for one in refused.value.refusals} == {"materials.no-written-part"}
    with pytest.raises(Refused) as refused:
        register(region, grade=12)
    assert {one.code for one in refused.value.refusals} == {"materials.grade-unknown"}


@pytest.mark.parametrize("who", ["ministry", "testing_org", "mouo", "school"])
def test_only_rcoi_registers_variants_and_counts_kits(region, who):
    with pytest.raises(Forbidden):
        register(region, who=who)
    with pytest.raises(Forbidden):
        actions.set_reserve(
            testing_org_id=region.testing_org.pk,
            grade=2,
            free=1,
            actor=region.viewer(who),
            now=NOW,
            today=TODAY,
        )


def test_the_reserve_is_counted_by_organisation_and_grade(rcoi, region):
    form = {"testing_org": region.testing_org.pk, "grade": 2, "free": 7}
    said = text(rcoi.post(reverse("reserve"), form, follow=True))
    assert "Остаток записан" in said
    assert ReserveKit.objects.get().free == 7
    rcoi.post(reverse("reserve"), form | {"free": 3})
    entry = JournalEntry.objects.filter(event="reserve.changed").order_by("seq").last()
    assert (entry.facts["before"], entry.facts["after"]) == (7, 3)


def test_a_reserve_is_not_given_to_one_who_does_not_test(region):
    with pytest.raises(Refused) as refused:
        actions.set_reserve(
            testing_org_id=region.school.pk,
            grade=0,
            free=-1,
            actor=region.viewer("rcoi"),
            now=NOW,
            today=TODAY,
        )
    assert {one.code for one in refused.value.refusals} == {
        "materials.not-a-testing-org",
        "materials.grade-unknown",
        "materials.negative-count",
    }


def test_each_role_sees_its_own_reserve(region):
    ReserveKit.objects.create(testing_org=region.testing_org, grade=2, free=1)
    seen = {
        who: queries.reserve_visible_to(region.viewer(who)).count()
        for who in ("rcoi", "ministry", "mouo", "other_mouo", "testing_org", "school")
    }
    assert seen == {
        "rcoi": 1,
        "ministry": 1,
        "mouo": 1,
        "other_mouo": 0,
        "testing_org": 1,
        "school": 0,
    }
    assert not queries.variants_visible_to(region.viewer("testing_org")).exists()


def test_variants_are_filtered_and_exported(rcoi, region):
    register(region)
    register(region, grade=3, part=Part.ORAL, number="УЧ-09", listening_text="")
    said = text(rcoi.get(reverse("variants"), {"grade": 3, "part": "oral"}))
    assert "УЧ-09" in said
    assert "ПЧ-01</td>" not in said
    assert rcoi.get(reverse("variants"), {"format": "xlsx"}).status_code == 200


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_register_is_listed_in_the_same_few_queries(
    rcoi, region, count, django_assert_max_num_queries
):
    for n in range(count):
        Variant.objects.create(grade=2, part=Part.ORAL, number=f"УЧ-{n}", received_on=TODAY)
        ReserveKit.objects.get_or_create(testing_org=region.testing_org, grade=n % 11 + 1)
    for name in ("variants", "reserve"):
        rcoi.get(reverse(name))
        with django_assert_max_num_queries(12):
            rcoi.get(reverse(name))
