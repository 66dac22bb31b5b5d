"""Reasons, answers, and what is kept of a decision."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time

import pytest

from merilo import law
from merilo.law import Answer, Reason, Refused, in_words, refuse
from merilo.law.sources import plain

DAY = date(2026, 3, 16)
STOP = Reason("lawtest.stop", "Нельзя до %(earliest)s: выберите другой день.")
HINT = Reason("lawtest.hint", "Проверьте %(what)s.", warning=True)
# Tests of the whole list of reasons read the registry: what only a test says is not in it.
for example in (STOP, HINT):
    del Reason.registry[example.code]


def test_a_code_is_declared_once() -> None:
    declared = next(iter(Reason.registry))
    with pytest.raises(ValueError, match=re.escape(declared)):
        Reason(declared, "Ещё раз.")


def test_a_reason_carries_the_paragraph_of_the_value_it_rests_on() -> None:
    value = law.profile("primorye-2025").value("booking.min_lead_wd", on=DAY)
    refusal = STOP(value, earliest=date(2026, 3, 25))
    assert refusal.source == value.source
    assert refusal.sentence() == "Нельзя до 25 марта 2026: выберите другой день."
    assert STOP(value.source, earliest=DAY).source == value.source
    assert STOP(earliest=DAY).source is None


def test_a_sentence_is_put_into_another_language_with_its_facts() -> None:
    refusal = STOP(earliest=DAY)
    english = refusal.sentence(lambda _text: "Not before %(earliest)s.", lambda day: f"<{day}>")
    assert english == "Not before <2026-03-16>."


def test_refusing_tells_every_reason_at_once() -> None:
    with pytest.raises(Refused) as refused:
        refuse([STOP(earliest=DAY), HINT(what="адрес"), STOP(earliest=date(2026, 4, 1))])
    assert [one.code for one in refused.value.refusals] == ["lawtest.stop", "lawtest.stop"]
    assert "16 марта 2026" in str(refused.value) and "1 апреля 2026" in str(refused.value)


def test_warnings_let_the_act_go_on() -> None:
    warnings = refuse(iter([HINT(what="адрес")]))
    assert [one.is_warning for one in warnings] == [True]
    assert Answer(reasons=warnings).allowed
    assert not Answer(reasons=(STOP(earliest=DAY),)).allowed
    assert Answer().allowed


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (date(2025, 5, 12), "12 мая 2025"),
        (datetime(2026, 3, 16, 8, 1), "16 марта 2026, 08:01"),
        (time(8), "08:00"),
        (["Д1", date(2026, 1, 1)], "Д1, 1 января 2026"),
        (7, "7"),
    ],
)
def test_facts_are_written_as_a_russian_reader_writes_them(fact: object, words: str) -> None:
    assert in_words(fact) == words


def test_what_a_decision_rests_on_can_be_stored_and_read_years_later() -> None:
    profile = law.profile("primorye-2025")
    names = ("booking.window_wd", "materials.key_time", "materials.print_plan")
    kept = law.decided_under(*(profile.value(name, on=DAY) for name in names), None)
    assert json.loads(json.dumps(kept)) == kept
    assert kept["booking.window_wd"] == {
        "value": 7,
        "act": "order-23a-566",
        "paragraph": "п. 3.1 Порядка (прил. 1)",
        "since": "2025-04-21",
        "certainty": "A",
        "profile": "primorye-2025",
    }
    assert kept["materials.key_time"]["value"] == "08:00:00"


def test_values_become_what_json_can_hold() -> None:
    assert plain({1: (date(2026, 3, 16), {"а"})}) == {"1": ["2026-03-16", ["а"]]}
