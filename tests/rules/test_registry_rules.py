"""What the register may hold."""

from __future__ import annotations

from datetime import date

import pytest

from merilo.registry import rules
from merilo.registry.rules import Function, Period

DAY, LATER = date(2026, 3, 16), date(2026, 4, 1)


def codes(reasons) -> list[str]:
    return [reason.code.removeprefix("registry.") for reason in reasons]


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (Period(DAY), Period(LATER), True),
        (Period(DAY, DAY), Period(LATER), False),
        (Period(LATER), Period(DAY, DAY), False),
        (Period(DAY, LATER), Period(LATER, LATER), True),
    ],
)
def test_periods_meet_when_they_share_a_day(one, other, meet):
    assert one.overlaps(other) is meet


@pytest.mark.parametrize(
    ("day", "holds"),
    [(date(2026, 3, 15), False), (DAY, True), (LATER, True), (date(2026, 4, 2), False)],
)
def test_both_days_of_a_period_belong_to_it(day, holds):
    assert Period(DAY, LATER).holds(day) is holds


@pytest.mark.parametrize("code", ["001", "025", "999"])
def test_three_digits_are_a_code(code):
    assert rules.is_exam_code(code)


@pytest.mark.parametrize("code", ["000", "25", "0255", "О25", "٠٢٥", "", "02 "])
def test_anything_else_is_not_a_code(code):
    assert not rules.is_exam_code(code)


@pytest.mark.parametrize(
    ("inn", "good"),
    [
        ("7707083893", True),
        ("7707083894", False),
        ("770708389", False),
        ("", False),
        ("77O7083893", False),
    ],
)
def test_the_last_digit_of_an_inn_checks_the_others(inn, good):
    assert rules.is_inn(inn) is good


def test_names_are_searched_without_case_and_yo():
    assert rules.search_key(" Артём ", "", "СЁМИН") == "артем семин"


def test_everything_wrong_with_an_organisation_is_said_at_once():
    facts = rules.OrganisationFacts(
        name="",
        short_name="СОШ",
        since=LATER,
        until=DAY,
        exam_code="25",
        inn="123",
        exam_code_of="СОШ № 1",
        inn_of="СОШ № 2",
    )
    assert codes(rules.reasons_against_organisation(facts)) == [
        "name-missing",
        "exam-code-wrong",
        "exam-code-taken",
        "inn-wrong",
        "inn-taken",
        "ends-before-begins",
    ]
    good = rules.OrganisationFacts("СОШ", "СОШ", DAY, LATER, "025", "7707083893")
    assert not codes(rules.reasons_against_organisation(good))


def test_a_closed_record_is_not_closed_twice():
    assert codes(rules.reasons_against_ending(Period(DAY, LATER), LATER)) == ["already-closed"]
    assert not codes(rules.reasons_against_ending(Period(DAY), DAY))


def test_an_organisation_with_open_cases_or_others_below_stays_open():
    reasons = rules.reasons_against_closing(
        Period(DAY), LATER, below=2, open_work={"открытые заявления": 3, "дни": 0}
    )
    assert codes(reasons) == ["has-open-below", "still-works"]
    assert not codes(rules.reasons_against_closing(Period(DAY), LATER, below=0, open_work={}))


@pytest.mark.parametrize(
    ("function", "held", "holder", "why"),
    [
        (Function.SCHOOL, False, "СОШ № 1", []),
        (Function.SCHOOL, True, "", ["function-held"]),
        (Function.RCOI, False, "РЦОИ", ["function-one-in-region"]),
        (Function.MINISTRY, False, "", []),
    ],
)
def test_a_region_has_one_ministry_and_one_rcoi(function, held, holder, why):
    assert codes(rules.reasons_against_function(function, held=held, region_holder=holder)) == why


def test_a_school_is_assigned_to_a_testing_organisation_only():
    assert codes(
        rules.reasons_against_area(
            school="А", testing_org="Б", is_school=False, is_testing_org=False, held=True
        )
    ) == ["not-a-school", "not-a-testing-org", "area-held"]
    assert not codes(
        rules.reasons_against_area(
            school="А", testing_org="Б", is_school=True, is_testing_org=True, held=False
        )
    )


def test_a_place_has_a_name_an_address_and_a_testing_organisation():
    wrong = rules.reasons_against_place(
        name="", address="", organisation="А", is_testing_org=False
    )
    assert codes(wrong) == ["place-incomplete", "not-a-testing-org"]
    good = rules.reasons_against_place(
        name="1", address="2", organisation="А", is_testing_org=True
    )
    assert not codes(good)


def test_a_room_has_a_number_places_and_a_use():
    room = rules.RoomFacts("", 0, for_oral=False, for_written=False)
    assert codes(rules.reasons_against_room(room, taken=True)) == [
        "room-number-missing",
        "room-taken",
        "room-without-places",
        "room-for-nothing",
    ]
    assert not codes(rules.reasons_against_room(rules.RoomFacts("1", 1, for_oral=False)))
    assert codes(rules.reasons_against_room(rules.RoomFacts("1", 501))) == ["room-without-places"]


@pytest.mark.parametrize("login", ["ivanova.ap", "a-1", "25_school"])
def test_a_login_is_of_latin_letters(login):
    assert rules.is_login(login)


@pytest.mark.parametrize("login", ["Иванова", "ab", "-ab", "a b c", "A" * 5, "a" * 61])
def test_other_logins_are_refused(login):
    assert not rules.is_login(login)


def test_an_account_needs_a_name_and_a_free_login():
    def against(**said):
        fields = {"login": "ivanova", "last_name": "И", "first_name": "А", "taken": False}
        return codes(rules.reasons_against_account(**(fields | said)))

    assert against() == []
    assert against(taken=True) == ["login-taken"]
    assert against(login="И", first_name=" ", taken=True) == ["person-unnamed", "login-wrong"]


def test_a_role_is_given_only_where_its_function_is():
    def against(role, *functions, **said):
        fields = {"role_name": role, "title": "секретарь", "organisation": "А"}
        return codes(
            rules.reasons_against_position(
                role=role, functions=frozenset(functions), **(fields | said)
            )
        )

    assert against("school", Function.SCHOOL) == []
    assert against("commission", Function.SCHOOL) == ["role-not-here"]
    assert against("auditor", Function.MOUO) == ["role-not-here"]
    assert against("system", Function.MINISTRY) == ["role-not-given"]
    assert against("mouo", Function.MOUO, title="", held=True, active=False) == [
        "title-missing",
        "account-off",
        "position-held",
    ]


def test_a_token_has_a_name_and_a_last_day_within_a_year():
    def against(expires_on, **said):
        fields = {"name": "АИС", "today": DAY, "latest": LATER, "position_holds": True}
        return codes(rules.reasons_against_token(expires_on=expires_on, **(fields | said)))

    assert against(DAY) == []
    assert against(date(2026, 3, 15)) == ["token-expires-before"]
    assert against(date(2026, 4, 2)) == ["token-too-long"]
    assert against(LATER, name=" ", position_holds=False) == ["token-unnamed", "token-no-position"]
