"""`merilo law list` and `merilo law show`."""

from __future__ import annotations

import argparse
import difflib
from datetime import date
from typing import Any

from merilo import law
from merilo.law import Definition, Mode, Profile, Rank, Value

from .output import (
    CERTAINTIES,
    RANKS,
    Unanswerable,
    as_words,
    day_asked,
    print_json,
    value_record,
)


def list_all(args: argparse.Namespace) -> int:
    """Every parameter of the profile on the day, the unset ones included."""
    profile = law.profile(args.profile)
    on = day_asked(args.on, profile)
    rows = [*_rows(profile, on), *_threshold_rows(profile, on)]
    if args.json:
        print_json({"profile": profile.id, "on": on, "parameters": rows})
        return 0
    print(f"{profile.title} ({profile.id}) на {as_words(on)}\n")
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        shown = as_words(row["value"], law.definitions().get(row["name"]))
        if row["value"] is None:
            print(f"{row['name']:<{width}}  не установлен")
            continue
        unit = f" ({row['unit']})" if row["unit"] else ""
        print(f"{row['name']:<{width}}  {shown}{unit}")
        print(f"{'':<{width}}  [{row['certainty']}] {row['act']}, {row['paragraph']}")
    print("\nПодробнее: merilo law show ИМЯ")
    return 0


def _rows(profile: Profile, on: date) -> list[dict[str, Any]]:
    rows = []
    for name, meaning in sorted(law.definitions().items()):
        value = profile.value_if_any(name, on=on)
        record = value_record(value) if value else _no_value(name, meaning)
        rows.append(record | _meaning(meaning))
    return rows


def _no_value(name: str, meaning: Definition) -> dict[str, Any]:
    return {
        "name": name,
        "value": None,
        "unit": meaning.unit,
        "reading": meaning.reading,
        "unset": meaning.unset or "На этот день значения нет ни в одном акте профиля.",
    }


def _meaning(meaning: Definition) -> dict[str, Any]:
    return {
        "title": meaning.title,
        "kind": meaning.kind,
        "deadline": meaning.deadline,
        "conflict": meaning.conflict,
    }


def _threshold_rows(profile: Profile, on: date) -> list[dict[str, Any]]:
    values = sorted(_thresholds(profile, on, _mode(profile, on)), key=_by_grade)
    return [value_record(value) | {"title": _threshold_title(value.name)} for value in values]


def _mode(profile: Profile, on: date) -> Mode:
    return Mode(profile.value("scoring.mode", on=on).value)


def _thresholds(profile: Profile, on: date, mode: Mode) -> list[Value]:
    return [*law.threshold_values(profile, on=on, mode=mode)]


def _by_grade(value: Value) -> tuple[int, str]:
    return int(value.name.split(".")[1].removeprefix("grade_")), value.name


THRESHOLD_WORDS = {
    "total_max": "наибольшая сумма баллов",
    "total_min": "минимум успешности",
    "oral_max": "наибольшая сумма за устную часть",
    "oral_min": "минимум за устную часть",
    "written_max": "наибольшая сумма за письменную часть",
}
FORM_WORDS = {"oral": "устная форма", "oral_written": "устная и письменная форма"}


def _threshold_title(name: str) -> str:
    _group, grade, form, threshold = name.split(".")
    number = grade.removeprefix("grade_")
    return f"{number} класс, {FORM_WORDS[form]}: {THRESHOLD_WORDS[threshold]}"


def show(args: argparse.Namespace) -> int:
    """One parameter with its proof, and why the other acts of the chain yielded."""
    profile = law.profile(args.profile)
    on = day_asked(args.on, profile)
    found = _threshold(args.name, profile, on) or _parameter(args.name, profile, on)
    if args.json:
        print_json(found)
    else:
        _print(found)
    return 0


def _parameter(name: str, profile: Profile, on: date) -> dict[str, Any]:
    if name not in law.definitions():
        known = [
            *law.definitions(),
            *(v.name for v in _thresholds(profile, on, Mode.BY_GRADE_SPEC)),
        ]
        near = difflib.get_close_matches(name, known, n=3)
        hint = f"Похожие: {', '.join(near)}." if near else "Все имена: merilo law list."
        raise Unanswerable(f"Параметра «{name}» нет. {hint}")
    meaning = law.definition(name)
    value = profile.value_if_any(name, on=on)
    if value is None:
        profile.value("scoring.mode", on=on)  # refuses a day on which the profile has no rules
    others = profile.candidates(name, on=on)[1:]
    return (
        (value_record(value) if value else _no_value(name, meaning))
        | _meaning(meaning)
        | {
            "choices": meaning.choices,
            "on": on,
            "asked_of": profile.id,
            "yielded": [value_record(v) | {"why": why_yields(v, value)} for v in others if value],
            "next_change": profile.next_change(name, on=on),
            "history": [
                {
                    "since": one.since,
                    "until": one.until,
                    "value": one.value,
                    "act": one.source.act.short,
                    "paragraph": one.source.paragraph,
                    "profile": one.profile,
                }
                for one in profile.values.get(name, ())
            ],
        }
    )


def why_yields(other: Value, winner: Value) -> str:
    """Why `other` does not give the value where `winner` does."""
    ranks = (other.source.act.rank, winner.source.act.rank)
    if ranks == (Rank.FEDERAL_NORM, Rank.REGIONAL_ACT):
        return "региональный акт строже федеральной нормы, а быть строже он вправе"
    if ranks == (Rank.REGIONAL_ACT, Rank.FEDERAL_NORM):
        return "федеральная норма сильнее регионального акта"
    if ranks[0] == ranks[1]:
        return "профиль региона стоит ближе, чем профиль, от которого он происходит"
    return f"{RANKS[ranks[1]]} сильнее: {RANKS[ranks[0]]} уступает"


def _threshold(name: str, profile: Profile, on: date) -> dict[str, Any] | None:
    mode = _mode(profile, on)
    other_mode = next(one for one in Mode if one != mode)
    values = {value.name: value for value in _thresholds(profile, on, mode)}
    if name not in values:
        return None
    others = [
        value
        for value in _thresholds(profile, on, other_mode)
        if value.name == name and value.note != values[name].note
    ]
    why = f"другой режим: {other_mode}, а действует scoring.mode = {mode}"
    return value_record(values[name]) | {
        "title": _threshold_title(name),
        "kind": "integer",
        "deadline": "",
        "conflict": "C-17",
        "choices": {},
        "on": on,
        "asked_of": profile.id,
        "yielded": [value_record(value) | {"why": why} for value in others],
        "next_change": None,
        "history": [],
    }


def _print(found: dict[str, Any]) -> None:
    meaning = law.definitions().get(found["name"])
    unit = f" ({found['unit']})" if found["unit"] else ""
    marks = " ".join(filter(None, (found["deadline"], found["conflict"])))
    print(f"{found['title']}  {found['name']}  {marks}".rstrip())
    if found["value"] is None:
        print(f"  не установлен. {found['unset']}")
        return
    print(f"  {as_words(found['value'], meaning)}{unit}")
    if isinstance(found["value"], dict):
        for key, row in found["value"].items():
            terms = ", ".join(f"{term}: {as_words(one)}" for term, one in row.items())
            print(f"    {key}: {terms}")
    until = f" по {as_words(found['until'])}" if found["until"] else ""
    print(f"  Основание: {found['act']}, {found['paragraph']} ({RANKS[found['rank']]})")
    print(f"  Акт: {found['act_title']}")
    print(f"  Действует с {as_words(found['since'])}{until}, профиль {found['profile']}")
    print(f"  Достоверность {found['certainty']}: {CERTAINTIES[found['certainty']]}")
    if found["reading"]:
        print(f"  Прочтение: {found['reading']}")
    if found["note"]:
        print(f"  Примечание: {found['note']}")
    for other in found["yielded"]:
        print(
            f"  Уступило: {as_words(other['value'], meaning)} — {other['act']}, "
            f"{other['paragraph']} ({other['why']})"
        )
    if found["next_change"]:
        print(f"  Меняется {as_words(found['next_change'])}")
