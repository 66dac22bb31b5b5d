"""What the validator finds in a profile."""

from __future__ import annotations

from datetime import date

import pytest

from merilo import law
from merilo.law import Finding, Level

from .conftest import WriteLaw

DAY = date(2026, 3, 16)
CHILD = "title: Край\nvalid_from: 2025-04-21\nparent: primorye-2025\n"
ACTS = """
krai-order: {title: Приказ края, short: Приказ края, rank: regional_act}
new-norm: {title: Новая норма, short: Новая норма, rank: federal_norm}
"""


def line(value: object, act: str = "krai-order") -> str:
    return f"  2025-06-01: {{value: {value}, act: {act}, paragraph: п. 1, certainty: A}}\n"


def found(profile: str, on: date = DAY) -> dict[str, Finding]:
    return {one.code: one for one in law.validate(law.profile(profile), on=on)}


def region(write_law: WriteLaw, **groups: str) -> dict[str, Finding]:
    files = {f"profiles/krai/{group}.yaml": text for group, text in groups.items()}
    write_law({"acts.yaml": ACTS, "profiles/krai/profile.yaml": CHILD} | files)
    return found("krai")


@pytest.mark.parametrize("profile", ["federal", "primorye-2025"])
def test_the_shipped_profiles_have_no_errors(profile: str) -> None:
    for finding in law.validate(law.profile(profile), on=DAY):
        assert finding.level != Level.ERROR, finding.sentence


def test_primorye_is_warned_of_the_appeal_window_and_of_the_material_cycle() -> None:
    findings = found("primorye-2025")
    window = findings["appeal-window-from-official-date"]
    assert "2 рабочих дня" in window.sentence and "6 рабочих дней" in window.sentence
    assert "7 рабочих дней" in findings["booking-before-materials"].sentence
    silent = [
        one.parameters
        for one in law.validate(law.profile("primorye-2025"), on=DAY)
        if one.code == "not-set"
    ]
    assert ("appeals.procedure_window_wd",) in silent
    assert "scoring.mode" in findings["not-confirmed"].parameters


def test_a_window_counted_from_receipt_is_no_conflict() -> None:
    assert not any("appeal-window" in code for code in found("federal"))


def test_an_official_date_too_soon_closes_the_window_before_the_parent_is_told(
    write_law: WriteLaw,
) -> None:
    finding = region(
        write_law,
        results="min_official_gap_wd:\n" + line(1),
        appeals="points_window_wd:\n" + line(1),
    )["appeal-window-before-notice"]
    assert finding.level == Level.ERROR
    assert "через 2 рабочих дня" in finding.sentence and "через 6" in finding.sentence


def test_a_region_laxer_than_a_norm_is_an_error(write_law: WriteLaw) -> None:
    region(write_law, results="parent_wd:\n" + line(2, "new-norm"))
    (finding,) = [
        one for one in law.validate(law.profile("krai"), on=DAY) if one.code == "laxer-than-norm"
    ]
    assert (finding.level, finding.parameters) == (Level.ERROR, ("results.parent_wd",))
    assert "(3) мягче, чем Новая норма, п. 1 (2)" in finding.sentence


def test_monthly_days_out_of_order_are_an_error(write_law: WriteLaw) -> None:
    finding = region(write_law, materials="mouo_day:\n" + line(24))["out-of-order"]
    assert "materials.mouo_day = 24, materials.rcoi_day = 23" in finding.sentence


def test_a_parameter_nobody_gave_a_value_is_an_error(write_law: WriteLaw) -> None:
    text = "quiet_hours: {title: Тихие часы, unit: ч, kind: integer}\n"
    write_law({"parameters/testday2.yaml": text})
    finding = found("primorye-2025")["no-value"]
    assert (finding.level, finding.parameters) == (Level.ERROR, ("testday2.quiet_hours",))


def test_the_literal_reading_of_the_form_is_a_warning(write_law: WriteLaw) -> None:
    findings = region(write_law, scoring="mode:\n" + line("literal_order_form"))
    assert findings["literal-order-form"].level == Level.WARNING
    assert "specification-not-loaded" not in findings


def test_a_grade_without_a_specification_is_an_error(write_law: WriteLaw) -> None:
    text = "mode:\n  2025-04-01: {value: literal_order_form, act: product, "
    write_law(
        {
            "profiles/early/profile.yaml": CHILD.replace("primorye-2025", "federal").replace(
                "2025-04-21", "2025-04-01"
            ),
            "profiles/early/scoring.yaml": text + "paragraph: выбор края, certainty: D}\n",
        }
    )
    findings = found("early", date(2025, 4, 10))
    assert findings["no-specification"].level == Level.ERROR


def test_a_value_that_outlived_its_act_is_told() -> None:
    assert "act-expired" not in found("primorye-2025", date(2026, 2, 28))
    finding = found("primorye-2025", date(2026, 3, 1))["act-expired"]
    assert finding.level == Level.WARNING
    assert finding.parameters == ("admissions.authenticity_wd", "admissions.channels")
    assert "приказ N 458" in finding.sentence


def test_the_end_of_the_calendar_is_told_in_good_time() -> None:
    assert "calendar-ends" not in found("federal", date(2026, 8, 31))
    assert "2027" in found("federal", date(2026, 11, 22))["calendar-ends"].sentence
    assert found("federal", date(2027, 1, 11))["no-calendar"].level == Level.ERROR


def test_an_empty_profile_is_all_errors_and_no_crash(write_law: WriteLaw) -> None:
    write_law(
        {
            "profiles/empty/profile.yaml": "title: Пусто\nvalid_from: 2025-04-21\n"
            "calendar: ru\ntimezone: Europe/Moscow\n"
        }
    )
    findings = law.validate(law.profile("empty"), on=DAY)
    assert findings[0].level == Level.ERROR
    assert {one.code for one in findings if one.level == Level.ERROR} == {"no-value"}


def test_the_worst_comes_first() -> None:
    levels = [one.level for one in law.validate(law.profile("primorye-2025"), on=DAY)]
    assert levels == sorted(levels, key=list(Level).index)


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 рабочий день"), (11, "11 рабочих дней"), (21, "21 рабочий день")]
)
def test_working_days_are_said_in_russian(count: int, words: str, write_law: WriteLaw) -> None:
    finding = region(write_law, booking="min_lead_wd:\n" + line(count))
    assert f"за {words}, а заявка" in finding["booking-before-materials"].sentence


def test_one_working_day_after_a_preposition(write_law: WriteLaw) -> None:
    finding = region(
        write_law,
        results="to_school_wd:\n"
        + line(20)
        + "parent_wd:\n"
        + line(1)
        + "min_official_gap_wd:\n"
        + line(21),
    )["appeal-window-from-official-date"]
    assert "до 21 рабочего дня" in finding.sentence
