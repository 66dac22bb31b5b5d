"""Cases 121, 123–125, 128, 144 and 145, and what else a visit says of a link."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from merilo.foundation.fetching import Use
from merilo.law import Refusal
from merilo.mechanisms.rules.closed import ACCESS_WORDS
from merilo.mechanisms.rules.evidence import (
    CONDITION_WORDS,
    OUTCOME_WORDS,
    Condition,
    FileSight,
    Markers,
    Outcome,
    Row,
    Sight,
    address_key,
    condition,
    leads_to_file,
    most_pages,
    reasons_from_visit,
    repeats,
    spelling,
)
from merilo.mechanisms.rules.then_and_now import (
    DIFFERENCE_WORDS,
    Difference,
    changed_after,
    difference,
    fixed_at_submission,
)

NOON = datetime(2026, 3, 16, 12, tzinfo=UTC)
MARKERS = Markers(frozenset({"news", "новости"}), frozenset({"events", "мероприятия"}))
ROW = Row("2.3.1.1.1", 1, "https://edu.example.ru/docs/a.pdf")
PAPER = Sight(NOON, Outcome.OPENED, fingerprint="a", page_count=12, pages_are_exact=True)
PAGE = Sight(NOON, Outcome.OPENED, is_page=True, fingerprint="p", title="Документы")


def codes(row: Row, sight: Sight) -> list[str]:
    return [one.code for one in reasons_from_visit(row, sight, MARKERS)]


def only(row: Row, sight: Sight) -> Refusal:
    [reason] = reasons_from_visit(row, sight, MARKERS)
    return reason


def test_a_document_that_opens_raises_nothing():
    assert codes(ROW, PAPER) == [] and codes(ROW, PAGE) == []
    assert condition(ROW, PAPER, MARKERS) is Condition.OK


def test_a_link_nobody_visited_is_said_to_be_so():
    assert condition(ROW, None, MARKERS) is Condition.NOT_VISITED


@pytest.mark.parametrize("outcome", [Outcome.LOGIN, Outcome.CLOSED, Outcome.LOCKED])
def test_case_121_a_closed_link_without_access_is_an_error(outcome: Outcome):
    reason = only(ROW, replace(PAPER, outcome=outcome))
    assert reason.code == "mechanisms.closed-without-secret" and not reason.is_warning
    assert "закрытом доступе" in str(reason.source)


@pytest.mark.parametrize("outcome", [Outcome.CLOSED, Outcome.LOCKED])
def test_case_122_a_closed_link_with_access_is_left_to_the_expert(outcome: Outcome):
    row, sight = replace(ROW, has_secret=True), replace(PAPER, outcome=outcome)
    assert codes(row, sight) == [] and condition(row, sight, MARKERS) is Condition.BY_EXPERT


def test_a_page_behind_a_form_says_that_the_expert_opens_the_document():
    row, sight = replace(ROW, has_secret=True), replace(PAGE, outcome=Outcome.LOGIN)
    reason = only(row, sight)
    assert reason.is_warning and "за формой входа" in reason.sentence()
    assert "откроет эксперт по паролю" in reason.sentence()
    assert condition(row, sight, MARKERS) is Condition.BY_EXPERT


@pytest.mark.parametrize(
    ("use", "code", "state"),
    [
        (Use.REFUSED, "access-refused", Condition.WARN),
        (Use.UNSECURED, "access-unsecured", Condition.BY_EXPERT),
        (Use.STRANGER, "access-stranger", Condition.BY_EXPERT),
        (Use.UNSPOKEN, "access-unspoken", Condition.BY_EXPERT),
    ],
)
def test_what_became_of_the_password_is_told(use: Use, code: str, state: Condition):
    row = replace(ROW, has_secret=True)
    sight = replace(PAPER, outcome=Outcome.CLOSED, access=use)
    reason = only(row, sight)
    assert reason.code == f"mechanisms.{code}" and reason.is_warning
    assert condition(row, sight, MARKERS) is state


@pytest.mark.parametrize(
    ("url", "sight"),
    [
        ("https://edu.example.ru/news/12345", PAGE),
        ("https://edu.example.ru/новости", PAGE),
        ("https://edu.example.ru/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/5", PAGE),
        ("https://edu.example.ru/a", replace(PAGE, address="https://edu.example.ru/news/5")),
        ("https://edu.example.ru/a", replace(PAGE, title="Новости — Управление образования")),
    ],
)
def test_case_123_the_news_feed_is_not_counted(url: str, sight: Sight):
    row = replace(ROW, url=url)
    assert only(row, sight).code == "mechanisms.news-seen"
    assert condition(row, sight, MARKERS) is Condition.EXCLUDED


def test_case_124_a_news_page_with_an_order_is_left_to_the_expert():
    row, sight = replace(ROW, url="https://edu.example.ru/news/5"), replace(PAGE, documents=1)
    reason = only(row, sight)
    assert reason.code == "mechanisms.news-with-file" and reason.is_warning
    assert condition(row, sight, MARKERS) is Condition.WARN


def test_a_document_kept_under_the_news_is_a_document():
    assert codes(replace(ROW, url="https://edu.example.ru/news/5/order.pdf"), PAPER) == []


def test_case_125_a_page_of_an_event_without_documents_is_not_counted():
    row = replace(ROW, url="https://edu.example.ru/events/may")
    assert only(row, PAGE).code == "mechanisms.event-seen"
    assert condition(row, PAGE, MARKERS) is Condition.EXCLUDED
    assert codes(row, replace(PAGE, documents=2)) == []


def test_pages_beyond_the_end_of_the_document_are_refused():
    assert codes(replace(ROW, last_page=12), PAPER) == []
    reason = only(replace(ROW, last_page=13), PAPER)
    assert reason.code == "mechanisms.beyond-the-end" and not reason.is_warning
    assert "13" in reason.sentence() and "12" in reason.sentence()


def test_the_end_a_word_file_notes_warns_and_the_end_it_cannot_pass_refuses():
    """Word lays pages out anew on each machine; no machine makes of ten lines thirty pages."""
    noted = replace(PAPER, pages_are_exact=False, pages_at_most=20)
    assert codes(replace(ROW, last_page=12), noted) == []
    between = only(replace(ROW, last_page=20), noted)
    assert between.is_warning and between.code == "mechanisms.beyond-noted-end"
    beyond = only(replace(ROW, last_page=21), noted)
    assert not beyond.is_warning and beyond.code == "mechanisms.beyond-possible-end"
    assert all(number in beyond.sentence() for number in ("21", "12", "20"))
    assert only(replace(ROW, last_page=99), replace(noted, pages_at_most=None)).is_warning
    assert codes(replace(ROW, last_page=13), replace(noted, page_count=None)) == []


@pytest.mark.parametrize(
    ("noted", "ends", "lines", "figures", "most"),
    [
        (3, 0, 10, 0, 3),  # what the editor noted is more than the text could fill
        (1, 0, 95, 0, 10),  # the note of a template: the text itself fills more
        (1, 4, 10, 0, 5),  # ends of pages stand in the text
        (1, 0, 5, 12, 13),  # scans put into a text
    ],
)
def test_the_most_pages_a_text_can_have(noted, ends, lines, figures, most):
    assert most_pages(noted, ends, lines, figures, page_lines=10) == most


def test_pages_beyond_the_end_of_a_listed_file_only_warn():
    """Which file the row names was told by its words, so the refusal is left to a person."""
    row, file = replace(ROW, last_page=13), FileSight("Приказ № 5", page_count=12)
    reason = only(row, replace(PAGE, named_file=file))
    assert reason.is_warning and "Приказ № 5" in reason.sentence()
    for fits in (replace(file, page_count=13), replace(file, pages_at_most=13), FileSight("П")):
        assert codes(row, replace(PAGE, named_file=fits)) == []


@pytest.mark.parametrize("outcome", [Outcome.BAD_ADDRESS, Outcome.PRIVATE, Outcome.WRONG_KIND])
def test_a_link_that_can_never_give_a_document_is_refused(outcome: Outcome):
    reason = only(ROW, replace(PAPER, outcome=outcome))
    assert reason.code == "mechanisms.link-wrong" and not reason.is_warning


@pytest.mark.parametrize("outcome", [Outcome.GONE, Outcome.NO_ANSWER, Outcome.INSECURE])
def test_a_link_that_does_not_open_today_warns_and_says_when_it_was_tried(outcome: Outcome):
    sight = replace(PAPER, outcome=outcome)
    reason = only(ROW, sight)
    assert reason.is_warning and "16 марта 2026, 12:00" in reason.sentence()
    assert condition(ROW, sight, MARKERS) is Condition.UNREACHABLE


def test_a_broken_file_is_there_and_warns():
    assert condition(ROW, replace(PAPER, outcome=Outcome.BROKEN), MARKERS) is Condition.WARN


# --- then and now -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        (PAPER, PAPER, Difference.SAME),
        (PAPER, replace(PAPER, outcome=Outcome.GONE), Difference.DIED),
        (PAPER, replace(PAPER, outcome=Outcome.LOGIN), Difference.CLOSED),
        (PAPER, replace(PAPER, fingerprint="b"), Difference.CHANGED),
        (replace(PAPER, outcome=Outcome.GONE), PAPER, Difference.REVIVED),
        (replace(PAPER, outcome=Outcome.GONE), replace(PAPER, outcome=Outcome.SERVER), Difference.SAME),
        (replace(PAPER, outcome=Outcome.CLOSED), replace(PAPER, outcome=Outcome.CLOSED), Difference.SAME),
        (None, PAPER, Difference.UNKNOWN),
        (PAPER, None, Difference.UNKNOWN),
    ],
)  # fmt: skip
def test_case_144_what_became_of_a_document_since_it_was_submitted(then, now, said):
    assert difference(then, now) is said


def test_another_file_behind_the_same_page_is_a_change_and_one_that_did_not_open_is_not():
    then = replace(PAGE, files=(("https://a/1.pdf", "a"), ("https://a/2.pdf", "b")))
    assert difference(then, replace(then, files=then.files[:1])) is Difference.SAME
    other = replace(then, files=(("https://a/1.pdf", "other"),))
    assert difference(then, other) is Difference.CHANGED


def test_a_change_after_the_deadline_is_found_and_earlier_ones_are_not():
    deadline = NOON
    before = replace(PAPER, at=NOON - timedelta(days=2))
    changed = replace(PAPER, at=NOON - timedelta(days=1), fingerprint="b")
    down = replace(PAPER, at=NOON + timedelta(hours=1), outcome=Outcome.NO_ANSWER)
    same = replace(changed, at=NOON + timedelta(days=1))
    later = replace(PAPER, at=NOON + timedelta(days=2), fingerprint="c")
    assert changed_after(deadline, [same, down, changed, before]) is None
    assert changed_after(deadline, [later, same, down, changed, before]) is later


def test_nothing_seen_before_the_deadline_is_nothing_to_compare_with():
    assert changed_after(NOON, [replace(PAPER, at=NOON + timedelta(days=1))]) is None


# --- one document in many rows ------------------------------------------------------------------


def row(number: int, url: str, code: str = "1.1.1") -> Row:
    return Row(code, number, url)


def test_case_145_one_address_written_in_two_ways_is_found_and_the_original_is_kept():
    rows = [
        row(1, "https://школа.рф/Приказ 5.pdf"),
        row(
            2, "https://xn--80atdl2c.xn--p1ai/%D0%9F%D1%80%D0%B8%D0%BA%D0%B0%D0%B7%205.pdf#page=3"
        ),
        row(3, " "),
    ]
    [found] = repeats(rows)
    assert (found.facts["row"], found.facts["first"]) == (2, 1) and found.is_warning
    assert rows[0].url == "https://школа.рф/Приказ 5.pdf"


def test_case_128_the_same_order_in_two_directions_is_allowed():
    url = "https://edu.example.ru/order.pdf"
    assert list(repeats([row(1, url), row(1, url + "#p", code="2.2.1")])) == []


def test_the_same_spelling_twice_is_judged_by_the_form():
    url = "https://edu.example.ru/order.pdf"
    assert list(repeats([row(1, url), row(2, url + " ")])) == []


def test_what_is_no_address_is_compared_as_it_is():
    assert spelling(" ftp://a/b ") == "ftp://a/b"
    assert address_key("https://a.example") == address_key("https://A.example/#top")


def test_every_code_has_its_words():
    assert set(OUTCOME_WORDS) == set(Outcome)
    assert set(ACCESS_WORDS) == set(Use)
    assert set(CONDITION_WORDS) == set(Condition)
    assert set(DIFFERENCE_WORDS) == set(Difference)


# --- what is fixed when the materials are submitted ---------------------------------------------

DAY = timedelta(days=1)
DOWN = replace(PAPER, outcome=Outcome.NO_ANSWER)


def fixed(*sights: Sight, after: timedelta) -> Sight | None:
    return fixed_at_submission(sights, submitted_at=NOON, now=NOON + after, grace=DAY)


def test_the_first_document_that_opened_after_the_submission_is_fixed():
    earlier = replace(PAPER, at=NOON - timedelta(hours=1), fingerprint="old")
    down, opened = (replace(one, at=NOON + timedelta(hours=2)) for one in (DOWN, PAPER))
    later = replace(opened, at=NOON + timedelta(hours=9))
    assert fixed(later, opened, earlier, after=DAY) is opened
    assert fixed(down, later, after=DAY) is later


def test_a_site_that_is_down_for_an_evening_costs_nobody_his_points():
    down = replace(DOWN, at=NOON + timedelta(hours=2))
    assert fixed(down, after=timedelta(hours=3)) is None
    assert fixed(after=2 * DAY) is None
    too_late = replace(PAPER, at=NOON + 2 * DAY)
    assert fixed(down, too_late, after=3 * DAY) is down


@pytest.mark.parametrize(
    ("href", "leads"),
    [
        ("/a/order.PDF", True),
        ("https://x/order.docx?download=1", True),
        ("/a/b", False),
        ("/a/b.html", False),
        ("#top", False),
    ],
)
def test_a_file_is_told_by_its_ending(href: str, leads: bool):
    assert leads_to_file(href) is leads
