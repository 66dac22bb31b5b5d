"""`merilo docs`: print the rulebook and the state diagrams from the sources, or check them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

TABLES = (
    ("Заявление", "admissions", "TRANSITIONS", "STATE_NAMES"),
    ("Направление", "admissions", "REFERRAL_TRANSITIONS", "REFERRAL_NAMES"),
    ("Запись", "booking", "TRANSITIONS", "STATE_NAMES"),
    ("День тестирования", "testday", "DAY_TRANSITIONS", "DAY_WORDS"),
    ("Участие", "testday", "ATTEMPT_TRANSITIONS", "ATTEMPT_WORDS"),
    ("Протокол проверки", "grading", "TRANSITIONS", "WORDS"),
    ("Результат", "results", "TRANSITIONS", "WORDS"),
    ("Апелляция", "appeals", "TRANSITIONS", "WORDS"),
    ("Цикл МУМ", "mechanisms", "CYCLE_TRANSITIONS", "CYCLE_NAMES"),
    ("Материалы МУМ", "mechanisms", "SUBMISSION_TRANSITIONS", "SUBMISSION_NAMES"),
    ("Работа эксперта МУМ", "mechanisms", "APPOINTMENT_TRANSITIONS", "APPOINTMENT_WORDS"),
    ("Возражение МУМ", "mechanisms", "OBJECTION_TRANSITIONS", "OBJECTION_WORDS"),
    ("Уведомление", "casework", "NOTICE_TRANSITIONS", None),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="только сравнить с docs/generated")
    parser.add_argument("--out", type=Path, default=Path("docs/generated"), help="куда писать")


def run(options: argparse.Namespace) -> int:
    """0: written, or equal; 1: `--check` found a page that differs."""
    pages = {"rulebook.md": rulebook(), "states.md": states()}
    stale = []
    for name, text in pages.items():
        path = options.out / name
        if options.check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(str(path))
        else:
            options.out.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"Устарели: {', '.join(stale)}. Напечатайте заново: merilo docs", file=sys.stderr)
        return 1
    return 0


def rulebook() -> str:
    """Every value of every shipped profile with its act, paragraph, certainty and reading."""
    return "\n".join(_rulebook()) + "\n"


def _rulebook() -> Iterator[str]:
    from merilo import law

    yield "# Rulebook\n"
    yield "Printed from the law files by `merilo docs`; do not edit.\n"
    yield "Certainty: A stated in the act; B two independent sources; C one source or an inference;"
    yield "D the acts are silent, the value is a documented default and a switch.\n"
    for profile_id in law.profile_ids():
        profile = law.profile(profile_id)
        yield f"## {profile.title} (`{profile.id}`)\n"
        yield f"In force from {profile.valid_from}; chain: {' → '.join(profile.chain)}.\n"
        for group, names in groupby(profile.names(), key=lambda name: name.split(".")[0]):
            yield f"### {group}\n"
            yield "| Parameter | Value | Since | Act and paragraph | Certainty | Deadline |"
            yield "|---|---|---|---|---|---|"
            for name in names:
                meaning = law.definition(name)
                for value in profile.values[name]:
                    yield (
                        f"| `{name}` {meaning.title} | {_shown(value.value)} {meaning.unit} "
                        f"| {value.since} | {value.source} | {value.certainty} | {meaning.deadline} |"
                    )
            yield ""
    yield "## Readings\n"
    for name, meaning in sorted(law.definitions().items()):
        if meaning.reading:
            yield f"- `{name}` — {' '.join(meaning.reading.split())}"
    yield "\n## Scoring specifications\n"
    yield "| Specification | Grades | Form | Mode | Total | Oral | Written | Status |"
    yield "|---|---|---|---|---|---|---|---|"
    for spec in law.shipped_specifications():
        grades = (
            f"{min(spec.grades)}–{max(spec.grades)}" if len(spec.grades) > 1 else spec.grades[0]
        )
        yield (
            f"| `{spec.id}` | {grades} | {spec.form} | {spec.mode} | {spec.total_min} of "
            f"{spec.total_max} | {spec.oral_min} of {spec.oral_max} | {spec.written_max} | {spec.status} |"
        )


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "(table)"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if value is True or value is False:
        return "да" if value else "нет"
    return str(value).replace("|", "\\|")


def states() -> str:
    """A diagram for each table of transitions."""
    lines = ["# States\n", "Printed from the transition tables by `merilo docs`; do not edit.\n"]
    for title, context, table, words in TABLES:
        rules = import_module(f"merilo.{context}.rules")
        names = getattr(rules, words) if words else {}
        lines += [f"## {title} (`{context}`)\n", "```mermaid", "stateDiagram-v2"]
        transitions = getattr(rules, table)
        lines += [f"    {state} : {names[state]}" for state in transitions if state in names]
        lines += [
            f"    {state} --> {to}" for state in transitions for to in sorted(transitions[state])
        ]
        lines += ["```", ""]
    return "\n".join(lines)
