"""`merilo law questions` and `merilo law ask`."""

from __future__ import annotations

import argparse
import difflib
import gettext
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import merilo
from merilo import law
from merilo.cli.questions import QUESTIONS, Fact, Question, read_facts
from merilo.law import Answer, Refusal, Refused, Value, in_words

from .output import Unanswerable, as_json, as_words, print_json

LOCALE = Path(merilo.__file__).parent / "locale"


def questions(args: argparse.Namespace) -> int:
    """Every question with its facts and an example that runs."""
    if args.json:
        print_json([_described(question) for question in QUESTIONS.values()])
        return 0
    for question in QUESTIONS.values():
        print(f"{question.name}: {question.title}")
        _print_facts(question.facts, "    ")
        example = json.dumps(question.example, ensure_ascii=False)
        print(f"    merilo law ask {question.name} --facts '{example}'\n")
    return 0


def _print_facts(facts: Iterable[Fact], indent: str) -> None:
    for fact in facts:
        need = "обязателен" if fact.required else f"если не дан: {as_words(fact.default)}"
        of = f" [{', '.join(fact.kind.choices)}]" if fact.kind.choices else ""
        print(f"{indent}{fact.name} ({fact.kind.word}, {need}){of} — {fact.meaning}")
        _print_facts(fact.kind.fields, indent + "    ")


def _described(question: Question) -> dict[str, Any]:
    return {
        "name": question.name,
        "title": question.title,
        "facts": [_described_fact(fact) for fact in question.facts],
        "example": question.example,
    }


def _described_fact(fact: Fact) -> dict[str, Any]:
    return {
        "name": fact.name,
        "type": fact.kind.word,
        "required": fact.required,
        "default": fact.default,
        "choices": fact.kind.choices,
        "fields": [_described_fact(one) for one in fact.kind.fields],
        "meaning": fact.meaning,
    }


def ask(args: argparse.Namespace) -> int:
    """Put the question to the rule; print the answer, «no» included."""
    question = _question(args.question)
    profile = law.profile(args.profile)
    facts = read_facts(question.facts, _object(args.facts), f"Вопрос «{question.name}»")
    try:
        answer = question.answer(facts, profile)
    except Refused as refused:
        answer = Answer(reasons=refused.refusals)
    sentence = _speaker(args.lang)
    if args.json:
        print_json(
            {
                "question": question.name,
                "profile": profile.id,
                "facts": {name: one for name, one in facts.items() if one is not None},
                "allowed": answer.allowed,
                "reasons": [_reason(one, sentence) for one in answer.reasons],
                "dates": answer.dates,
                "outcome": answer.outcome,
                "decided_under": {one.name: _decided(one) for one in answer.decided_under},
            }
        )
    else:
        _print(answer, sentence)
    return 0


def _question(name: str) -> Question:
    if name not in QUESTIONS:
        near = difflib.get_close_matches(name, QUESTIONS, n=2) or list(QUESTIONS)
        raise Unanswerable(
            f"Вопроса «{name}» нет. Возможно: {', '.join(near)}. Все: merilo law questions."
        )
    return QUESTIONS[name]


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _object(text: str) -> dict[str, Any]:
    def no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _value in pairs]
        if repeated := [name for name in names if names.count(name) > 1]:
            raise Unanswerable(f"--facts: «{repeated[0]}» дан дважды. Оставьте один.")
        return dict(pairs)

    try:
        found = json.loads(text, object_pairs_hook=no_repeats, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()  # half a character cannot be printed
    except (ValueError, RecursionError) as wrong:
        place = ""
        if isinstance(wrong, json.JSONDecodeError):
            place = f", строка {wrong.lineno}, знак {wrong.colno}"
        raise Unanswerable(
            f"--facts: это не JSON{place}. Пишите объект, например "
            '\'{"received_on": "2026-03-10"}\'.'
        ) from None
    if not isinstance(found, dict):
        raise Unanswerable("--facts: нужен объект JSON с фактами в фигурных скобках.")
    return found


def _reason(refusal: Refusal, sentence: Callable[[Refusal], str]) -> dict[str, Any]:
    source = refusal.source
    return {
        "code": refusal.code,
        "sentence": sentence(refusal),
        "act": source.act.short if source else None,
        "act_id": source.act.id if source else None,
        "paragraph": source.paragraph if source else None,
        "warning": refusal.is_warning,
    }


def _decided(value: Value) -> dict[str, Any]:
    return value.as_record() | {
        "value": as_json(value.value),
        "act": value.source.act.short,
        "act_id": value.source.act.id,
    }


def _speaker(language: str) -> Callable[[Refusal], str]:
    """How a reason is said in that language."""
    if language == "ru":
        return lambda refusal: refusal.sentence()
    catalogue = gettext.translation("django", LOCALE, languages=[language], fallback=True)

    def words(fact: object) -> str:
        if isinstance(fact, datetime):
            return f"{fact:%Y-%m-%d %H:%M}"
        if isinstance(fact, date):
            return fact.isoformat()
        if isinstance(fact, list | tuple | set | frozenset):
            return ", ".join(words(one) for one in fact)
        text = in_words(fact)
        return catalogue.gettext(text) if text else text

    return lambda refusal: refusal.sentence(catalogue.gettext, words)


def _print(answer: Answer, sentence: Callable[[Refusal], str]) -> None:
    print("Можно." if answer.allowed else "Нельзя.")
    for refusal in answer.reasons:
        mark = "Внимание: " if refusal.is_warning else ""
        source = f" ({refusal.source})" if refusal.source else ""
        print(f"  {mark}{sentence(refusal)}{source} [{refusal.code}]")
    for name, day in answer.dates.items():
        print(f"  {name}: {as_words(day)}")
    for name, one in answer.outcome.items():
        plain = as_json(one)
        shown = json.dumps(plain, ensure_ascii=False) if isinstance(plain, dict | list) else one
        print(f"  {name}: {shown if isinstance(shown, str) else as_words(shown)}")
    for value in answer.decided_under:
        print(
            f"  по {value.name} = {as_words(value.value)}: {value.source} "
            f"[{value.certainty}], с {value.since}"
        )
