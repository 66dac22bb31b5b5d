"""Which of several acts gives the value: synthetic profiles in a folder of their own."""

from __future__ import annotations

from datetime import date

import pytest

from merilo import law
from merilo.law import NoSuchParameter, NoSuchProfile, NotInForce, Profile

from .conftest import WriteLaw

DAY = date(2026, 3, 16)
ACTS = """
norm: {title: Норма, short: Норма, rank: federal_norm}
norm-2: {title: Новая норма, short: Новая норма, rank: federal_norm}
region: {title: Приказ края, short: Приказ края, rank: regional_act}
letter: {title: Письмо, short: Письмо, rank: federal_recommendation}
press: {title: Заявление, short: Заявление, rank: published}
ours: {title: Настройка, short: Настройка, rank: office_default}
"""
PARAMETERS = """
more: {title: Строже - больше, unit: дни, kind: integer, stricter: higher}
less: {title: Строже - меньше, unit: дни, kind: integer, stricter: lower}
plain: {title: Без направления, unit: дни, kind: integer}
"""
PARENT = "title: Страна\nvalid_from: 2025-01-01\ncalendar: ru\ntimezone: Europe/Moscow\n"
CHILD = "title: Край\nvalid_from: 2025-01-01\nparent: country\n"


def value(number: int, act: str, since: str = "2025-01-01", **more: object) -> str:
    extra = "".join(f", {key}: {one}" for key, one in more.items())
    return f"  {since}: {{value: {number}, act: {act}, paragraph: п. 1, certainty: A{extra}}}\n"


@pytest.fixture
def region(write_law: WriteLaw):  # type: ignore[no-untyped-def]
    """Build the profile «krai» over «country» from the text of their one group of values."""

    def build(country: str = "", krai: str = "", **files: str) -> Profile:
        write_law(
            {
                "acts.yaml": ACTS,
                "parameters/group.yaml": PARAMETERS,
                "profiles/country/profile.yaml": PARENT,
                "profiles/country/group.yaml": country,
                "profiles/krai/profile.yaml": CHILD,
                "profiles/krai/group.yaml": krai,
                **files,
            }
        )
        return law.profile("krai")

    return build


def winner(profile: Profile, name: str = "more", on: date = DAY) -> tuple[object, str]:
    found = profile.value(f"group.{name}", on=on)
    return found.value, found.source.act.id


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [("norm", "letter"), ("norm", "press"), ("norm", "ours")]
    + [("region", "letter"), ("region", "press"), ("region", "ours")]
    + [("letter", "press"), ("letter", "ours"), ("press", "ours")],
)
@pytest.mark.parametrize("name", ["more", "less", "plain"])
def test_the_stronger_act_gives_the_value_wherever_it_stands(
    region, name: str, stronger: str, weaker: str
) -> None:
    above = region(f"{name}:\n" + value(5, stronger), f"{name}:\n" + value(9, weaker))
    assert winner(above, name) == (5, stronger)
    below = region(f"{name}:\n" + value(9, weaker), f"{name}:\n" + value(5, stronger))
    assert winner(below, name) == (5, stronger)


@pytest.mark.parametrize(("name", "stricter", "laxer"), [("more", 9, 4), ("less", 4, 9)])
def test_a_region_may_be_stricter_than_the_norm_and_not_laxer(
    region, name: str, stricter: int, laxer: int
) -> None:
    strict = region(f"{name}:\n" + value(7, "norm"), f"{name}:\n" + value(stricter, "region"))
    assert winner(strict, name) == (stricter, "region")
    assert strict.laxer_than_norm(DAY) == []
    lax = region(f"{name}:\n" + value(7, "norm"), f"{name}:\n" + value(laxer, "region"))
    assert winner(lax, name) == (7, "norm")
    ((found, norm),) = lax.laxer_than_norm(DAY)
    assert (found.value, norm.value) == (laxer, 7)


def test_without_a_direction_the_norm_stands(region) -> None:
    profile = region("plain:\n" + value(7, "norm"), "plain:\n" + value(9, "region"))
    assert winner(profile, "plain") == (7, "norm")
    assert profile.laxer_than_norm(DAY) == []


def test_an_equal_regional_value_yields_to_the_norm(region) -> None:
    profile = region("more:\n" + value(7, "norm"), "more:\n" + value(7, "region"))
    assert winner(profile) == (7, "norm")
    assert profile.laxer_than_norm(DAY) == []


def test_of_one_rank_the_region_own_value_is_nearer(region) -> None:
    profile = region("more:\n" + value(7, "ours"), "more:\n" + value(8, "ours"))
    assert winner(profile) == (8, "ours")
    assert [one.value for one in profile.candidates("group.more", on=DAY)] == [8, 7]


def test_the_newer_of_two_norms_speaks_from_its_day(region) -> None:
    profile = region(
        "more:\n" + value(7, "norm") + value(5, "norm-2", "2025-10-19"),
    )
    assert winner(profile, on=date(2025, 10, 18)) == (7, "norm")
    assert winner(profile, on=date(2025, 10, 19)) == (5, "norm-2")
    assert profile.next_change("group.more", on=date(2025, 6, 1)) == date(2025, 10, 19)
    assert profile.next_change("group.more", on=date(2025, 10, 19)) is None


def test_a_value_with_an_end_gives_way_the_day_after(region) -> None:
    profile = region(
        "more:\n" + value(7, "letter"),
        "more:\n" + value(9, "region", until=date(2026, 3, 15)),
    )
    assert winner(profile, on=date(2026, 3, 15)) == (9, "region")
    assert winner(profile, on=DAY) == (7, "letter")
    assert profile.next_change("group.more", on=date(2026, 1, 1)) == DAY


def test_a_change_of_something_weaker_is_no_change(region) -> None:
    profile = region(
        "more:\n" + value(7, "letter") + value(6, "letter", "2026-01-01"),
        "more:\n" + value(9, "region"),
    )
    assert profile.next_change("group.more", on=date(2025, 6, 1)) is None


def test_before_its_first_value_a_parameter_names_the_day_it_begins(region) -> None:
    profile = region("more:\n" + value(7, "norm", "2026-09-01"))
    with pytest.raises(NotInForce, match="первое значение действует с 2026-09-01"):
        profile.value("group.more", on=DAY)
    assert profile.value_if_any("group.more", on=DAY) is None


def test_a_parameter_without_any_value_says_so(region) -> None:
    profile = region("more:\n" + value(7, "norm"))
    with pytest.raises(NotInForce, match="group.less на 2026-03-16 в профиле krai не установлен"):
        profile.value("group.less", on=DAY)


def test_outside_its_dates_a_profile_gives_no_law(region) -> None:
    profile = region(
        "more:\n" + value(7, "norm"),
        **{"profiles/krai/profile.yaml": CHILD + "valid_to: 2025-12-31\n"},
    )
    assert winner(profile, on=date(2025, 12, 31)) == (7, "norm")
    with pytest.raises(NotInForce, match="действует с 2025-01-01 по 2025-12-31"):
        profile.value("group.more", on=DAY)
    with pytest.raises(NotInForce, match="действует с 2025-01-01"):
        profile.value("group.more", on=date(2024, 12, 31))


def test_a_region_folder_may_add_values_to_a_shipped_profile(write_law: WriteLaw) -> None:
    text = "procedure_window_wd:\n  2025-05-01:\n    {value: 0, act: order-23a-566, "
    write_law(
        {
            "profiles/primorye-2025/appeals.yaml": text
            + "paragraph: п. 99 Порядка апелляции (прил. 3), certainty: C}\n"
        }
    )
    profile = law.profile("primorye-2025")
    assert profile.value("appeals.procedure_window_wd", on=DAY).value == 0
    assert profile.value("booking.window_wd", on=DAY).value == 7


def test_the_child_takes_the_clock_and_calendar_of_its_parent(region) -> None:
    profile = region("more:\n" + value(7, "norm"))
    assert (profile.timezone, profile.calendar_id) == ("Europe/Moscow", "ru")
    assert profile.chain == ("krai", "country")
    assert profile.days.is_working(DAY)
    assert profile.names() == ["group.more"]


def test_a_name_nobody_defined_is_refused(region) -> None:
    profile = region("more:\n" + value(7, "norm"))
    with pytest.raises(NoSuchParameter, match="booking.windw_wd"):
        profile.value("booking.windw_wd", on=DAY)


def test_a_profile_nobody_wrote_is_refused_with_the_list() -> None:
    with pytest.raises(NoSuchProfile, match="federal, primorye-2025"):
        law.profile("primorie")


def test_in_primorye_the_order_is_stronger_than_the_letter() -> None:
    value_of = law.profile("primorye-2025").value("records.retention_years", on=DAY)
    assert (value_of.value, value_of.source.act.id) == (2, "order-23a-566")
    value_of = law.profile("federal").value("records.retention_years", on=DAY)
    assert (value_of.value, value_of.source.act.id) == (1, "letter-03-608")


def test_order_727_opens_the_oral_only_categories_on_19_october_2025() -> None:
    profile = law.profile("primorye-2025")
    name = "admissions.oral_only_categories"
    assert profile.value(name, on=date(2025, 10, 18)).value == []
    assert "COMPATRIOT" in profile.value(name, on=date(2025, 10, 19)).value
