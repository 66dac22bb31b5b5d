"""R1–R8 and N1–N2: each case of the table under its number."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechanisms.builders_mechanisms import GOOD, region, rules
from merilo.mechanisms.rules.form import (
    AnswerFacts,
    LinkFacts,
    Standing,
    absent_codes,
    looks_like_url,
    pages_of,
    reasons_against_answer,
    reasons_against_form,
    reasons_against_keeping,
    standing_of,
    takes_answer,
)
from rules.reading import codes

OWN, SHARED, TRACK = "1.2.1.1.2", "1.1.2.1", "1.1.1"


def against(*links, code=OWN, edition=None, warnings=False, **more):
    answer = AnswerFacts(code, tuple(links), **more)
    found = reasons_against_answer(edition or region(), answer, rules())
    return [one.removeprefix("mechanisms.") for one in codes(found, warnings=warnings)]


def the(**fields) -> LinkFacts:
    return replace(GOOD, **fields)


def numbered(count):
    return [the(row=n, url=f"https://uo.example/{n}.pdf") for n in range(1, count + 1)]


def test_case_116_the_sixth_link_of_a_position_is_refused():
    assert against(*numbered(5)) == []
    assert against(*numbered(6)) == ["too-many-links"]
    (reason,) = reasons_against_answer(region(), AnswerFacts(OWN, tuple(numbered(6))), rules())
    assert "не больше 5" in reason.sentence() and reason.source.act.id == "mum-2022"


def test_empty_rows_of_the_form_are_not_links():
    assert against(*numbered(5), LinkFacts(6)) == []


def test_case_118_a_document_of_12_pages_needs_its_pages():
    assert against(the(page_count=12, pages="")) == ["pages-missing"]
    assert against(the(page_count=2, pages="")) == ["pages-missing"]


def test_case_119_a_document_of_one_page_needs_no_pages():
    assert against(the(page_count=1, pages="")) == []
    assert against(the(page_count=1, pages=""), warnings=True) == []


def test_where_nobody_knows_how_many_pages_there_are_the_form_only_warns():
    assert against(the(page_count=None, pages="")) == []
    assert against(the(page_count=None, pages=""), warnings=True) == ["pages-unknown"]


def test_pages_must_be_readable_and_within_the_document():
    assert against(the(pages="начало")) == ["pages-wrong"]
    assert against(the(page_count=3, pages="2–4")) == ["pages-beyond"]
    assert against(the(page_count=None, pages="2–400")) == []


@pytest.mark.parametrize(
    ("said", "ranges"),
    [
        ("3", [(3, 3)]), ("3–5, 8", [(3, 5), (8, 8)]), ("с. 3-5; 7", [(3, 5), (7, 7)]),
        ("стр. 12", [(12, 12)]), ("5–3", None), ("0", None), ("", None), ("вся", None),
        ("3,,4", None),
    ],
)  # fmt: skip
def test_pages_are_read_as_people_write_them(said, ranges):
    assert pages_of(said) == ranges


@given(st.lists(st.tuples(st.integers(1, 900), st.integers(0, 90)), min_size=1, max_size=6))
def test_any_list_of_ranges_is_read_back(given_ranges):
    ranges = [(first, first + more) for first, more in given_ranges]
    assert pages_of(", ".join(f"{a}–{b}" for a, b in ranges)) == ranges


def test_several_documents_behind_one_link_are_named_row_by_row():
    one, two = the(comment="Приказ"), the(row=2, comment="Протокол")
    assert against(one, two) == []
    assert against(one, the(row=2, comment=" приказ ")) == ["same-link-unnamed"]
    assert against(the(comment=""), two) == ["same-link-unnamed"]


def test_case_121_a_closed_page_without_credentials_is_refused():
    assert against(the(closed_access=True)) == ["secret-missing"]
    assert against(the(closed_access=True, has_secret=True)) == []


@pytest.mark.parametrize(
    "text", ["логин: uo, пароль: 12345", "Пароль – qwe", "login=uo", "password: x", "паролем: ы"]
)
def test_case_122_a_password_is_not_kept_where_everybody_would_read_it(text):
    assert codes(reasons_against_keeping(OWN, the(comment=text))) == [
        "mechanisms.secret-in-comment"
    ]
    assert "qwe" not in next(reasons_against_keeping(OWN, the(comment="Пароль – qwe"))).sentence()


@pytest.mark.parametrize("text", ["Порядок смены паролей, п. 3", "Логины школ на стр. 2", ""])
def test_a_document_about_passwords_is_a_document(text):
    assert codes(reasons_against_keeping(OWN, the(comment=text))) == []


BARE = {
    "document_name": "Сюжет",
    "comment": "Показана встреча активистов планеты",
    "page_count": 1,
    "pages": "",
}


@pytest.mark.parametrize("path", ["news/123", "NOVOSTI/den.html", "o/press-centr/5", "lenta"])
def test_case_123_a_news_feed_is_warned_about_and_not_counted(path):
    link = the(url=f"https://uo.example/{path}", **BARE)
    assert standing_of(link, rules()) is Standing.NEWS
    assert against(link) == []
    assert against(link, warnings=True) == ["news-feed"]


def test_case_124_an_order_on_a_news_page_is_left_to_the_expert():
    link = the(url="https://uo.example/news/7", document_name="О приказе № 7", page_count=1)
    assert standing_of(link, rules()) is Standing.DOUBTFUL
    assert against(link, warnings=True) == ["news-with-document"]


def test_case_125_an_event_without_a_document_is_not_counted():
    link = the(url="https://uo.example/events/forum", **BARE)
    assert standing_of(link, rules()) is Standing.EVENT
    assert against(link, warnings=True) == ["event-only"]
    with_protocol = replace(link, document_name="Протокол форума")
    assert standing_of(with_protocol, rules()) is Standing.OK


def test_newspapers_and_newsrooms_of_a_document_s_name_are_no_news():
    assert standing_of(the(url="https://uo.example/docs/newsletter.pdf"), rules()) is Standing.OK
    assert standing_of(the(url="не адрес/news/1"), rules()) is Standing.OK


def test_case_126_no_such_schools_must_be_confirmed_by_documents():
    assert against(code=TRACK, not_applicable=True, reason="Таких школ нет") == [
        "absence-unproved"
    ]


def test_case_127_with_confirming_documents_the_absence_is_taken():
    assert against(GOOD, code=TRACK, not_applicable=True) == []


def test_what_does_not_apply_needs_a_reason_and_the_leave_of_the_criteria():
    assert against(code="1.2.1.1.1", not_applicable=True) == ["no-reason-not-applicable"]
    assert against(code="1.2.1.1.1", not_applicable=True, reason="Нет классов") == []
    assert against(code=OWN, not_applicable=True, reason="Не хотим") == ["must-apply"]


def test_case_128_one_order_serves_two_directions():
    shared = the(regional_document="Приказ МОН № 5", regional_measure="п. 3")
    answers = [AnswerFacts(OWN, (GOOD,)), AnswerFacts(SHARED, (shared,))]
    assert codes(reasons_against_form(region(), answers, rules())) == []


def test_case_129_a_measure_outside_the_regional_cycle_proves_nothing_in_shape_a():
    assert against(GOOD, code=SHARED) == ["measure-unnamed"]
    assert against(GOOD, code=OWN) == []
    assert against(code=SHARED) == []


def test_case_130_the_regional_order_alone_without_its_measure_is_not_enough():
    named = the(regional_document="Приказ МОН № 5")
    assert against(named, code=SHARED) == ["measure-unnamed"]
    assert against(replace(named, regional_measure="п. 3 плана"), code=SHARED) == []
    assert against(replace(GOOD, regional_measure="п. 3"), code=SHARED) == ["measure-unnamed"]


def test_only_positions_of_directions_are_assessed():
    edition = region()
    assert takes_answer(edition, OWN) and takes_answer(edition, TRACK)
    for code in ("1", "1.2.1", "9.9"):
        assert not takes_answer(edition, code)
        assert against(GOOD, code=code) == ["not-in-criteria"]


def test_columns_of_the_form_are_asked_for():
    assert against(the(url="")) == ["url-missing"]
    assert against(the(url="приказ 12")) == ["url-wrong"]
    assert against(the(document_name="")) == ["document-name-missing"]
    assert against(the(comment=""), warnings=True) == ["comment-missing"]


@pytest.mark.parametrize(
    ("said", "is_one"),
    [
        ("https://uo.example/a.pdf", True), (" http://образование.рф/приказ 1.pdf#с5 ", True),
        ("ftp://uo.example/a", False), ("uo.example", False), ("https://", False),
        ("javascript:alert(1)", False), ("https://user:pw@uo.example/", False),
        ("https://uo.example:порт/", False), ("https://[::1", False), ("https://localhost/", False),
    ],
)  # fmt: skip
def test_an_address_is_an_address(said, is_one):
    assert looks_like_url(said) is is_one


def test_the_self_check_names_positions_that_nothing_was_given_for():
    given_links = [AnswerFacts(OWN, (GOOD,)), AnswerFacts(SHARED, (LinkFacts(1),))]
    found = list(reasons_against_form(region(), given_links, rules()))
    assert codes(found) == []
    empty = [one.facts["code"] for one in found if one.code == "mechanisms.nothing-given"]
    assert empty == ["1.1.1.1", "1.1.1.2", SHARED, "1.2.1.1.1"]


def test_positions_under_an_absence_are_neither_asked_for_nor_checked():
    absent = AnswerFacts(TRACK, (GOOD,), not_applicable=True)
    left_over = AnswerFacts("1.1.1.1", (LinkFacts(1, url="черновик"),))
    found = list(reasons_against_form(region(), [absent, left_over], rules()))
    assert codes(found) == []
    assert "1.1.1.1" not in [one.facts["code"] for one in found]
    assert absent_codes(region(), [absent]) == {"1.1.1", "1.1.1.1", "1.1.1.2"}


def test_an_answer_to_nothing_is_refused_by_the_self_check():
    stray = AnswerFacts("9.9", (GOOD,), not_applicable=True)
    assert codes(reasons_against_form(region(), [stray], rules())) == [
        "mechanisms.not-in-criteria"
    ]


def test_every_message_of_the_form_names_the_act_it_stands_on():
    bad = LinkFacts(1, "https://uo.example/news/1", page_count=9, closed_access=True, comment=" ")
    found = [
        *reasons_against_answer(region(), AnswerFacts(SHARED, (bad,) * 6), rules()),
        *reasons_against_answer(region(), AnswerFacts(TRACK, (), True), rules()),
        *reasons_against_answer(region(), AnswerFacts("1"), rules()),
    ]
    assert len({one.code for one in found}) > 7
    assert {one.source.act.id for one in found} == {"mum-2022"}
    assert all(one.source.paragraph for one in found)


def test_an_empty_form_is_nothing_to_submit():
    for answers in ([], [AnswerFacts(OWN, (LinkFacts(1),))]):
        assert codes(reasons_against_form(region(), answers, rules())) == ["mechanisms.form-empty"]
