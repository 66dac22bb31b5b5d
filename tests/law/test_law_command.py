"""The command `merilo law` as it is run: separate processes, both kinds of output, exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from merilo.cli import main
from merilo.cli.questions import QUESTIONS

from .conftest import WriteLaw

SOURCE = Path(__file__).parents[2] / "src"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process without any database, as a bare machine would run it."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {
        "PYTHONPATH": str(SOURCE),
        "DJANGO_SETTINGS_MODULE": "no.such.settings",
    }
    return subprocess.run(
        [sys.executable, "-m", "merilo", "law", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        timeout=60,
        check=False,
    )


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any]]:
    """The command in this process: exit status and the JSON it printed."""

    def tell(*arguments: str) -> tuple[int, Any]:
        status = main(["law", *arguments, "--json"])
        return status, json.loads(capsys.readouterr().out)

    return tell


Told = Callable[..., tuple[int, Any]]


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.name)
def test_the_example_of_every_question_runs(question: Any) -> None:
    done = run("ask", question.name, "--facts", json.dumps(question.example), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert isinstance(answer["allowed"], bool)
    assert {"reasons", "dates", "outcome", "decided_under"} <= set(answer)
    assert answer["decided_under"]


def test_the_command_imports_no_django() -> None:
    code = (
        "import sys; from merilo.cli import main; "
        "main(['law', 'ask', 'quorum', '--facts', '{\"members_total\": 3, \"present\": 2}']); "
        "sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_unknown_question_ends_with_status_2_and_one_sentence() -> None:
    done = run("ask", "may-fly", "--facts", "{}")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Вопроса «may-fly» нет" in done.stderr and done.stderr.count("\n") == 1


def test_no_is_an_answer() -> None:
    done = run("ask", "quorum", "--facts", '{"members_total": 7, "present": 3}')
    assert done.returncode == 0
    assert done.stdout.startswith("Нельзя.")


def test_the_list_holds_every_parameter_and_threshold(told: Told) -> None:
    status, answer = told("list", "--on", "2026-03-16")
    assert (status, answer["profile"], answer["on"]) == (0, "primorye-2025", "2026-03-16")
    rows = {row["name"]: row for row in answer["parameters"]}
    assert rows["booking.min_lead_wd"]["value"] == 7
    assert rows["booking.min_lead_wd"]["deadline"] == "D-06"
    assert rows["scoring.grade_7.oral_written.total_min"]["value"] == 20
    unset = rows["appeals.procedure_window_wd"]
    assert unset["value"] is None and "не называют" in unset["unset"]
    proved = {"act", "act_id", "rank", "paragraph", "certainty", "since", "reading"}
    assert all(proved <= set(row) for row in rows.values() if row["value"] is not None)


def test_the_list_of_another_profile(told: Told) -> None:
    _status, answer = told("list", "--profile", "federal", "--on", "2025-04-01")
    rows = {row["name"]: row["value"] for row in answer["parameters"]}
    assert (rows["booking.min_lead_wd"], rows["records.retention_years"]) == (0, 1)
    assert rows["admissions.oral_only_categories"] == []


def test_the_list_is_of_today_where_the_region_is(
    told: Told, hold_clock: Callable[[datetime], None]
) -> None:
    hold_clock(datetime.fromisoformat("2026-03-15T20:00:00+00:00"))
    assert told("list")[1]["on"] == "2026-03-16"
    assert told("list", "--profile", "federal")[1]["on"] == "2026-03-15"


def test_a_parameter_shows_what_yielded_and_why(told: Told) -> None:
    _status, answer = told("show", "booking.min_lead_wd", "--on", "2026-03-16")
    assert (answer["value"], answer["act_id"], answer["certainty"]) == (7, "order-23a-566", "A")
    assert answer["reading"] and answer["since"] == "2025-04-21" and answer["until"] is None
    (other,) = answer["yielded"]
    assert (other["value"], other["profile"]) == (0, "federal")
    assert "настройка по умолчанию уступает" in other["why"]
    assert len(answer["history"]) == 2


def test_a_parameter_shows_its_next_change(told: Told) -> None:
    _status, answer = told("show", "admissions.oral_only_categories", "--on", "2025-06-01")
    assert answer["next_change"] == "2025-10-19"
    _status, answer = told("show", "admissions.oral_only_categories", "--on", "2025-10-19")
    assert answer["next_change"] is None


def test_a_threshold_shows_the_other_mode(told: Told) -> None:
    name = "scoring.grade_5.oral_written.total_min"
    _status, answer = told("show", name, "--on", "2026-03-16")
    assert (answer["value"], answer["title"]) == (
        18,
        "5 класс, устная и письменная форма: минимум успешности",
    )
    (other,) = answer["yielded"]
    assert other["value"] == 22 and "literal_order_form" in other["why"]
    _status, answer = told("show", "scoring.grade_1.oral.total_min", "--on", "2026-03-16")
    assert answer["yielded"] == []


def test_what_no_act_sets_is_shown_as_not_set(told: Told) -> None:
    status, answer = told("show", "appeals.procedure_window_wd", "--on", "2026-03-16")
    assert (status, answer["value"], answer["history"]) == (0, None, [])
    assert "Санкт-Петербурге" in answer["unset"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["show", "booking.min_lead"], "Похожие: booking.min_lead_wd"),
        (["show", "qqq"], "Все имена: merilo law list"),
        (["show", "booking.window_wd", "--on", "2025-02-30"], "--on: дня «2025-02-30» не бывает"),
        (["show", "booking.window_wd", "--on", "вчера"], "«вчера» — не дата"),
        (["show", "booking.window_wd", "--on", "2025-04-01"], "действует с 2025-04-21"),
        (["show", "appeals.procedure_window_wd", "--on", "2025-04-01"], "действует с 2025-04-21"),
        (["list", "--profile", "primorie"], "Есть: federal, primorye-2025"),
        (["list", "--on", "2024-01-01"], "действует с 2025-04-21"),
        (["calendar", "2027"], "Производственный календарь на 2027 год ещё не загружен"),
        (["calendar", "26"], "«26» — не год"),
        (["calendar", "двадцать"], "«двадцать» — не год"),
        (["validate", "--profile", "nobody"], "Профиля 'nobody' нет"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_sentence(
    told: Told, arguments: list[str], complaint: str
) -> None:
    status, answer = told(*arguments)
    assert (status, list(answer)) == (2, ["error"])
    assert complaint in answer["error"]


def test_the_calendar_counts_and_explains(told: Told) -> None:
    status, answer = told("calendar", "2026")
    assert (status, answer["working_days"]) == (0, 247)
    assert answer["working_days_by_month"] == [15, 19, 21, 22, 19, 21, 23, 21, 22, 22, 20, 22]
    moved = {day["day"]: day for day in answer["days"]}["2026-01-09"]
    assert "3 января" in moved["why"] and "N 1466" in moved["source"]


def test_validate_is_green_on_the_shipped_profiles(told: Told) -> None:
    status, answer = told("validate", "--on", "2026-03-16")
    assert (status, answer["ok"]) == (0, True)
    assert [one["profile"] for one in answer["profiles"]] == ["federal", "primorye-2025"]


def test_validate_ends_with_status_1_on_an_error(told: Told, write_law: WriteLaw) -> None:
    write_law(
        {
            "profiles/krai/profile.yaml": "title: Край\nvalid_from: 2025-06-01\n"
            "parent: primorye-2025\n",
            "profiles/krai/materials.yaml": "mouo_day:\n  2025-06-01: {value: 28, "
            "act: order-23a-566, paragraph: п. 0, certainty: A}\n",
        }
    )
    status, answer = told("validate", "--profile", "krai", "--on", "2026-03-16")
    assert (status, answer["ok"]) == (1, False)


def test_the_questions_are_listed_with_their_facts(told: Told) -> None:
    _status, answer = told("questions")
    named = {question["name"]: question for question in answer}
    needed = (
        "booking-window may-book retest-from appeal-window result-deadlines material-cycle "
        "archive-lead key-release score print-plan quorum vote unique-code retention may-annul "
        "room-variants"
    )
    assert set(needed.split()) <= set(named)
    for question in answer:
        for fact in question["facts"]:
            assert fact["type"] and fact["meaning"] and isinstance(fact["required"], bool)
        assert question["example"]
    seats = named["room-variants"]["facts"][2]
    assert [field["name"] for field in seats["fields"]][:2] == ["participant", "grade"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "--on", "2026-03-16"], "не установлен"),
        (["list", "--on", "2026-03-16"], "7 (рабочие дни)"),
        (["show", "booking.min_lead_wd", "--on", "2026-03-16"], "Уступило: 0"),
        (["show", "booking.miss", "--on", "2026-03-16"], "заявление о приёме аннулируется"),
        (["show", "materials.print_plan", "--on", "2026-03-16"], "ORAL_INSTRUCTION: title"),
        (["show", "materials.key_time", "--on", "2026-03-16"], "08:00 (местное время)"),
        (["show", "appeals.procedure_window_wd", "--on", "2026-03-16"], "не установлен. Ни"),
        (["show", "admissions.channels", "--on", "2025-06-01"], "Примечание: По разъяснениям"),
        (["show", "admissions.exempt_categories", "--on", "2025-06-01"], "Меняется 19 октября"),
        (["questions"], "merilo law ask quorum --facts"),
        (["calendar", "2025"], "1 ноября 2025      рабочий   рабочая суббота"),
        (["validate", "--on", "2026-03-16"], "внимание: Срок апелляции (2 рабочих дня)"),
        (["ask", "booking-window", "--facts", "{}"], "Нельзя."),
        (
            ["ask", "print-plan", "--facts", '{"test_on": "2026-03-16", "grade": 1}'],
            "form: oral",
        ),
        (
            ["ask", "key-release", "--facts"]
            + ['{"test_on": "2026-03-16", "published_at": "2026-03-16T08:01"}'],
            "Внимание: Ключ размещён",
        ),
    ],
)
def test_people_read_words(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["law", *arguments]) == 0
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show"], "Команда набрана неверно"),
        (["fly"], "Команда набрана неверно"),
        ([], "Укажите действие: list, show"),
    ],
)
def test_a_mistyped_command_is_explained(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    try:
        status = main(["law", *arguments])
    except SystemExit as left:
        status = left.code  # type: ignore[assignment]
    assert status == 2
    assert words in capsys.readouterr().err


def test_a_value_that_ends_and_one_of_equal_rank(
    told: Told, capsys: pytest.CaptureFixture[str], write_law: WriteLaw
) -> None:
    value = "{value: %s, act: %s, paragraph: п. 1, certainty: C, until: 2026-12-31}"
    write_law(
        {
            "acts.yaml": "new-norm: {title: Норма, short: Норма, rank: federal_norm}\n",
            "profiles/krai/profile.yaml": "title: Край\nvalid_from: 2025-06-01\n"
            "parent: primorye-2025\n",
            "profiles/krai/booking.yaml": "min_lead_wd:\n  2025-06-01: "
            + value % (9, "order-23a-566")
            + "\nwindow_wd:\n  2025-06-01: "
            + value % (8, "new-norm")
            + "\n",
            "profiles/federal/booking.yaml": "min_lead_wd:\n  2025-06-01: "
            + value % (5, "new-norm")
            + "\n",
        }
    )
    _status, answer = told("show", "booking.min_lead_wd", "--profile", "krai")
    assert answer["value"] == 9
    whys = [other["why"] for other in answer["yielded"]]
    assert whys[0].startswith("региональный акт строже федеральной нормы")
    assert "стоит ближе" in whys[1]
    _status, answer = told("show", "booking.window_wd", "--profile", "krai")
    assert "федеральная норма сильнее" in answer["yielded"][0]["why"]
    main(["law", "show", "booking.window_wd", "--profile", "krai"])
    assert "по 31 декабря 2026" in capsys.readouterr().out
