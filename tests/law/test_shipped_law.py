"""The law as shipped: nothing is missing, nothing is unproved, no paragraph can be misread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from merilo import law
from merilo.law import Certainty, Profile, Rank, Value

ANNEXES = re.compile(r"прил\. [123]|приказа$|к Порядку апелляции")
AGREED_NAMES = """
admissions.completeness_wd admissions.authenticity_wd admissions.authenticity_start
admissions.channels admissions.min_grade admissions.max_grade admissions.adult_age
admissions.oral_only_categories admissions.exempt_categories admissions.scope_ownership
admissions.referral_copies admissions.referral_copy_wd admissions.receipt_reminder_wd
admissions.mandatory_documents booking.window_wd booking.miss booking.min_lead_wd
booking.in_person booking.place booking.additional_date_by booking.no_show_policy
booking.no_show_unjustified
booking.change_limit booking.change_until_monthly_request retest.min_months retest.base
retest.boundary_day_allowed retest.new_application retest.waiver_scope retest.waiver_categories
retest.variants_exclude materials.mouo_day materials.rcoi_day materials.ministry_day
materials.receive_day materials.deadline_inclusive materials.send_shift materials.receive_shift
materials.policy materials.archive_lead materials.key_time materials.summary_rcoi_day
materials.summary_ministry_day materials.print_plan testday.max_minutes
testday.listening_readings testday.listening_pause_min_s testday.listening_pause_max_s
testday.commission_min testday.expert_experience_years testday.prohibitions
testday.no_show_report testday.interrupted_personal testday.isolated_rooms testday.video testday.oral_audio
testday.place_name scoring.mode scoring.percent_decimals results.to_school_wd
results.to_mouo_wd results.mouo_to_rcoi_wd results.parent_wd results.min_official_gap_wd
results.channels results.code_mask results.code_max_serial results.code_school
results.code_reuse_on_retest results.four_eyes appeals.points_window_wd
appeals.points_window_start appeals.once appeals.materials_time appeals.materials_wd
appeals.reply_wd appeals.consider_wd appeals.inform_wd appeals.hearing_minutes
appeals.quorum_share appeals.majority appeals.tie appeals.outcomes appeals.procedure_enabled
appeals.procedure_window_wd appeals.after_success records.retention_years
records.retention_start records.hold_on_appeal records.destroy_after reports.daily
reports.zero_required schedule.minpros_notice_wd schedule.order_publication_wd schedule.fees
"""

PROFILES = ("federal", "primorye-2025")


def quarters(profile: Profile) -> Iterator[date]:
    """The first day of the profile, the last of the calendar, each quarter's first between."""
    yield profile.valid_from
    for year in sorted(profile.days.years):
        for month in (1, 4, 7, 10):
            if date(year, month, 1) > profile.valid_from:
                yield date(year, month, 1)
    yield profile.days.last_day


def every_value() -> Iterator[Value]:
    for profile_id in PROFILES:
        for values in law.profile(profile_id).values.values():
            yield from values


def test_the_names_agreed_for_the_whole_house_are_there() -> None:
    assert set(AGREED_NAMES.split()) <= set(law.definitions())


@pytest.mark.parametrize("profile_id", PROFILES)
@pytest.mark.parametrize("name", sorted(law.definitions()))
def test_a_parameter_is_in_force_every_quarter(name: str, profile_id: str) -> None:
    profile = law.profile(profile_id)
    for day in quarters(profile):
        found = profile.value_if_any(name, on=day)
        assert found is not None or law.definition(name).unset, (name, day)


def test_every_deadline_of_the_table_is_some_parameter() -> None:
    told = {meaning.deadline for meaning in law.definitions().values()}
    assert {f"D-{number:02}" for number in range(1, 33)} <= told


def test_every_conflict_has_its_setting() -> None:
    told = {meaning.conflict for meaning in law.definitions().values()}
    assert {f"C-{number:02}" for number in range(1, 22)} <= told


def test_every_parameter_says_how_it_is_read() -> None:
    for meaning in law.definitions().values():
        assert meaning.reading or meaning.unset, meaning.name
        assert not meaning.reading or meaning.reading[-1] in ".;", meaning.name


def test_every_act_cited_is_listed_and_every_value_has_a_paragraph() -> None:
    for value in every_value():
        assert law.acts()[value.source.act.id] is value.source.act
        assert value.source.paragraph.strip(), value.name


def test_no_paragraph_of_the_regional_order_can_be_taken_for_another() -> None:
    cited = [value.source for value in every_value()]
    for spec in law.shipped_specifications():
        cited += [threshold.source for threshold in spec.thresholds.values()]
    for source in cited:
        if source.act.id == "order-23a-566":
            assert ANNEXES.search(source.paragraph), source.paragraph
            assert "Приложени" not in source.paragraph


def test_what_no_act_settles_is_called_our_setting_and_nothing_else_is() -> None:
    for value in every_value():
        ours = value.source.act.rank == Rank.OFFICE_DEFAULT
        assert (value.certainty == Certainty.D) is ours, (value.name, value.profile)


def test_the_letter_is_a_recommendation_and_the_orders_are_norms() -> None:
    acts = law.acts()
    assert acts["letter-03-608"].rank == Rank.FEDERAL_RECOMMENDATION
    for order in ("order-170", "order-171", "order-458", "order-510", "order-727", "law-273"):
        assert acts[order].rank == Rank.FEDERAL_NORM
    assert acts["order-23a-566"].rank == Rank.REGIONAL_ACT
    assert all(act.rank == Rank.PUBLISHED for name, act in acts.items() if "press" in name)


def test_acts_are_told_apart_by_their_short_names() -> None:
    shorts = [act.short for act in law.acts().values()]
    assert len(shorts) == len(set(shorts))


def test_values_begin_with_their_profile_or_with_order_727() -> None:
    for value in every_value():
        assert value.since in {date(2025, 4, 1), date(2025, 4, 21), date(2025, 10, 19)}


@pytest.mark.parametrize(
    ("name", "paragraph", "sentence"),
    [
        ("booking.window_wd", "3.1.", "в течение 7 рабочих дней после получения направления"),
        ("booking.miss", "3.1.", "аннулируется"),
        ("booking.place", "3.2.", "по территориальной близости"),
        ("booking.min_lead_wd", "3.3.", "не ранее чем через 7 рабочих дней"),
        ("booking.additional_date_by", "3.4.", "устанавливается дополнительная дата"),
        ("materials.ministry_day", "4.1.2.", "до 25 числа ежемесячно"),
        ("materials.rcoi_day", "4.2.1.", "до 23 числа ежемесячно"),
        ("materials.receive_day", "4.2.1.", "до 5 числа месяца"),
        ("materials.key_time", "4.2.1.", "не позднее 8:00"),
        ("materials.mouo_day", "4.3.1.", "до 18 числа ежемесячно"),
        ("results.to_mouo_wd", "4.4.5.", "В течение 3-х рабочих дней"),
        ("results.to_school_wd", "4.4.6.", "В течение 3-х рабочих дней"),
        ("records.retention_years", "4.4.8.", "в течение двух лет"),
        ("retest.min_months", "5.4.", "через 3 месяца"),
        ("testday.max_minutes", "5.2.", "не более 80 минут"),
        ("testday.commission_min", "6.2.", "не менее трех человек"),
        ("testday.prohibitions", "7.4.", "запрещается"),
        ("results.code_mask", "8.2.", "NNNOOOKK"),
        ("appeals.points_window_wd", "3.", "2 рабочих дня"),
        ("appeals.materials_time", "6.", "до 12.00"),
        ("appeals.consider_wd", "8.", "в течение трех рабочих дней"),
        ("appeals.quorum_share", "9.", "50%"),
        ("appeals.reply_wd", "10.", "через 1 рабочий день"),
        ("appeals.once", "12.", "не более одного раза"),
        ("appeals.hearing_minutes", "15.", "не превышает 10 минут"),
        ("appeals.tie", "16.", "голос председателя"),
    ],
)
def test_the_paragraph_of_the_order_says_what_the_value_says(
    name: str, paragraph: str, sentence: str
) -> None:
    order = Path(__file__).parent / "order-23a-566-excerpt.txt"
    parts = re.split(r"^(?=== )", order.read_text(encoding="utf-8"), flags=re.MULTILINE)
    value = law.profile("primorye-2025").value(name, on=date(2025, 12, 1))
    assert value.source.act.id == "order-23a-566"
    number, place = re.match(r"п\. (\S+) (.+)", value.source.paragraph).groups()  # type: ignore[union-attr]
    assert f"{number}." == paragraph
    document = next(part for part in parts if part.startswith(f"== {place}"))
    text = re.search(rf"^{re.escape(paragraph)} .+?(?=^\d+\.|\Z)", document, re.M | re.S)
    assert text and sentence in text.group()
