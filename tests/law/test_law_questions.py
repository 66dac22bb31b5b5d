"""The questions put to the law: the cases a lawyer reads, run as the command would run them."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from merilo.cli import main
from merilo.cli.law.output import as_json
from merilo.cli.questions import QUESTIONS

CASES = yaml.safe_load(
    (Path(__file__).parent / "cases" / "questions.yaml").read_text(encoding="utf-8")
)
Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def ask_law(question: str, facts: Any, *more: str) -> dict[str, Any]:
        text = facts if isinstance(facts, str) else json.dumps(as_json(facts))
        status = main(["law", "ask", question, "--facts", text, "--json", *more])
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert status == (2 if "error" in answer else 0)
        return answer

    return ask_law


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_law_answers(ask: Ask, case: dict[str, Any]) -> None:
    answer = ask(case["ask"], case["facts"], "--profile", case.get("profile", "primorye-2025"))
    assert [reason["code"] for reason in answer["reasons"]] == case["says"]
    assert answer["allowed"] is case["allowed"]
    for part in ("dates", "outcome"):
        for name, wanted in case.get(part, {}).items():
            assert answer[part][name] == as_json(wanted), name
    for reason in answer["reasons"]:
        assert reason["sentence"] and "%(" not in reason["sentence"]


def test_every_question_of_the_cases_is_asked_of_at_least_one_rule() -> None:
    assert {case["ask"] for case in CASES} == set(QUESTIONS)


def test_an_answer_names_the_act_and_the_paragraph_of_each_reason_and_value(ask: Ask) -> None:
    answer = ask("may-book", {
        "booked_on": date(2026, 3, 16),
        "received_on": date(2026, 3, 10),
        "test_on": date(2026, 3, 20),
        "grade": 2,
        "free_reserve_kits": 1,
    })  # fmt: skip
    too_early = answer["reasons"][0]
    assert too_early["act_id"] == "order-23a-566"
    assert too_early["paragraph"] == "п. 3.3 Порядка (прил. 1)"
    assert "25 марта 2026" in too_early["sentence"]
    lead = answer["decided_under"]["booking.min_lead_wd"]
    assert (lead["value"], lead["since"], lead["certainty"]) == (7, "2025-04-21", "A")


@pytest.mark.parametrize(
    ("question", "facts", "complaint"),
    [
        ("booking-windw", "{}", "Вопроса «booking-windw» нет. Возможно: booking-window"),
        ("booking-window", "{", "это не JSON, строка 1, знак 2"),
        ("booking-window", "[1]", "нужен объект JSON"),
        ("booking-window", '{"received_on": NaN}', "это не JSON"),
        ("booking-window", '{"received_on": "\\ud800"}', "это не JSON"),
        ("booking-window", "[" * 100_000, "это не JSON"),
        (
            "booking-window",
            '{"received_on": "2025-04-25", "received_on": "2025-04-26"}',
            "«received_on» дан дважды",
        ),
        ("booking-window", '{"recieved_on": "2025-04-25"}', "неизвестный факт «recieved_on»"),
        ("booking-window", '{"received_on": "2025-02-30"}', "дня «2025-02-30» не бывает"),
        ("booking-window", '{"received_on": "25.04.2025"}', "Пишите ГГГГ-ММ-ДД"),
        ("booking-window", '{"received_on": 20250425}', "— не дата"),
        ("booking-window", '{"received_on": "0001-01-01"}', "год 1 слишком далёк"),
        ("booking-window", '{"received_on": "2025-04-20"}', "действует с 2025-04-21"),
        ("booking-window", '{"received_on": "2026-12-28"}', "календарь на 2027 год"),
        ("may-book", '{"grade": 2}', "не хватает фактов: booked_on, test_on, free_reserve_kits"),
        ("form-of-test", '{"test_on": "2026-03-16", "grade": 12}', "целое число от 1 до 11"),
        ("form-of-test", '{"test_on": "2026-03-16", "grade": true}', "«да» — не то, что нужно"),
        ("form-of-test", '{"test_on": "2026-03-16", "grade": 1.5}', "целое число"),
        (
            "form-of-test",
            '{"test_on": "2026-03-16", "grade": 2, "category": "ALIEN"}',
            "одно из: GENERAL, COMPATRIOT",
        ),
        (
            "may-annul",
            '{"test_on": "2026-03-16", "reason": "F17_HINT", "by_chair": "yes"}',
            "true или false",
        ),
        (
            "may-annul",
            '{"test_on": "2026-03-16", "reason": ["F17_HINT"], "by_chair": true}',
            "строка до 500 знаков",
        ),
        ("archive-lead", '{"test_start": "2026-03-16"}', "время вида 2026-03-16T08:00"),
        ("archive-lead", '{"test_start": "2026-03-16T25:00"}', "время вида"),
        ("archive-lead", '{"test_start": "2026-02-30T10:00"}', "не бывает"),
        ("score", '{"test_on": "2026-03-16", "grade": 1, "points": [1]}', "объект вида"),
        ("score", '{"test_on": "2025-10-18", "grade": 7, "form": "oral", "points": {}}', "7 кл"),
        (
            "room-variants",
            '{"test_on": "2026-03-16", "part": "oral", "seats": [{"grade": 3}]}',
            "не хватает фактов: participant",
        ),
        (
            "room-variants",
            '{"test_on": "2026-03-16", "part": "oral", "seats": ["А"]}',
            "объект с полями participant",
        ),
        (
            "room-variants",
            json.dumps({"test_on": "2026-03-16", "part": "oral", "seats": [0] * 10_001}),
            "больше 10000 значений",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_sentence(
    ask: Ask, question: str, facts: str, complaint: str
) -> None:
    answer = ask(question, facts)
    assert list(answer) == ["error"]
    assert complaint in answer["error"]


@pytest.mark.parametrize("question", ["quorum", "retest-from", "retention", "unique-code", "vote"])
def test_without_a_day_the_law_of_today_answers(
    ask: Ask, hold_clock: Callable[[datetime], None], question: str
) -> None:
    hold_clock(datetime.fromisoformat("2026-03-15T20:00:00+00:00"))
    facts = {
        name: fact
        for name, fact in QUESTIONS[question].example.items()
        if name not in ("day", "today", "asked_on")
    }
    answer = ask(question, facts)
    assert "reasons" in answer


def test_a_sentence_is_given_in_english_where_it_is_translated(ask: Ask) -> None:
    answer = ask("quorum", {"members_total": 7, "present": 3, "day": "2026-03-16"}, "--lang", "en")
    assert "7" in answer["reasons"][0]["sentence"]
    answer = ask("retention", {"test_on": "2025-06-18", "today": "2026-03-16"}, "--lang", "en")
    assert "2027-06-18" in answer["reasons"][0]["sentence"]
    facts = {"test_on": "2026-03-16", "reason": "X", "by_chair": True}
    answer = ask("may-annul", facts, "--lang", "en")
    assert "F17_HINT, F17_DEVICE" in answer["reasons"][0]["sentence"]
    facts = {"test_start": "2026-03-16T10:00", "received_at": "2026-03-16T00:05"}
    answer = ask("archive-lead", facts, "--lang", "en")
    assert "2026-03-16 00:05" in answer["reasons"][0]["sentence"]


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | st.dates(date(1990, 1, 1), date(2030, 12, 31)).map(date.isoformat)
    | st.sampled_from(["2026-03-16T08:00", "2026-03-16T08:00+10:00", "Д1", "oral", "9999-12-31"])
)
ANYTHING = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=3), SCALARS)


@given(
    st.data(), st.sampled_from(sorted(QUESTIONS)), st.sampled_from(["federal", "primorye-2025"])
)
@settings(max_examples=200, deadline=None)
def test_whatever_the_facts_the_command_answers_or_says_what_is_wrong(
    data: st.DataObject, name: str, profile: str
) -> None:
    question = QUESTIONS[name]
    names = [fact.name for fact in question.facts]
    changed = data.draw(st.dictionaries(st.sampled_from(names), ANYTHING, max_size=3))
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = main(
            ["law", "ask", name, "--profile", profile, "--json"]
            + ["--facts", json.dumps({**question.example, **changed})]
        )
    answer = json.loads(said.getvalue())
    assert (status, "error" in answer) in {(0, False), (2, True)}
