"""`merilo law`: list, explain and ask the law. No database, no Django.

Every answer goes to stdout, as text or, with --json, as one JSON object. What cannot be answered
is one sentence (with --json: {"error": sentence}) and exit status 2; «no» is an answer, status 0.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn

from merilo.law import LawError

from .output import Unanswerable, print_json

DEFAULT_PROFILE = "primorye-2025"


def _mistyped(message: str) -> NoReturn:
    _fail(f"Команда набрана неверно ({message}). Справка: merilo law --help.", sys.argv)
    raise SystemExit(2)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _mistyped(message)


def _fail(sentence: str, given: list[str]) -> None:
    if "--json" in given:
        print_json({"error": sentence})
    else:
        print(sentence, file=sys.stderr)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare list, show, questions, ask, validate and calendar."""
    parser.error = _mistyped  # type: ignore[method-assign]  # it was made by our caller
    acts = parser.add_subparsers(dest="act", metavar="ДЕЙСТВИЕ", parser_class=_Parser)

    def act(name: str, help_: str, *, profile: str | None = DEFAULT_PROFILE) -> _Parser:
        one = acts.add_parser(name, help=help_, description=help_)
        one.add_argument("--json", action="store_true", help="ответ одним объектом JSON")
        one.add_argument("--profile", default=profile, metavar="ПРОФИЛЬ", help=f"({profile})")
        return one

    on_help = "день, ГГГГ-ММ-ДД (сегодня)"
    one = act("list", "все параметры профиля на день")
    one.add_argument("--on", metavar="ДЕНЬ", help=on_help)
    one = act("show", "один параметр: значение, акт, пункт, прочтение, что уступило")
    one.add_argument("name", metavar="ИМЯ")
    one.add_argument("--on", metavar="ДЕНЬ", help=on_help)
    act("questions", "вопросы, на которые отвечает закон, и нужные им факты")
    one = act("ask", "задать вопрос")
    one.add_argument("question", metavar="ВОПРОС")
    one.add_argument("--facts", default="{}", metavar="JSON", help="факты одним объектом JSON")
    one.add_argument("--lang", choices=("ru", "en"), default="ru", help="язык фраз (ru)")
    one = act("validate", "проверить профили: что противоречит и что не решено", profile=None)
    one.add_argument("--on", metavar="ДЕНЬ", help=on_help)
    one = act("calendar", "рабочие дни года и причина каждого отличия")
    one.add_argument("year", metavar="ГОД")


def run(args: argparse.Namespace) -> int:
    """Answer; 0 answered, 1 the profile has errors, 2 it could not be answered."""
    if not args.act:
        _fail("Укажите действие: list, show, questions, ask, validate или calendar.", [])
        return 2
    try:
        return _act(args)
    except (LawError, Unanswerable) as problem:
        _fail(str(problem), ["--json"] if args.json else [])
        return 2


def _act(args: argparse.Namespace) -> int:
    # Each page is imported when asked for: `list` need not load the rules.
    answer: Callable[[argparse.Namespace], int]
    match args.act:
        case "list":
            from .parameters import list_all as answer
        case "show":
            from .parameters import show as answer
        case "questions":
            from .asking import questions as answer
        case "ask":
            from .asking import ask as answer
        case "validate":
            from .checking import validate as answer
        case _:
            from .days import calendar as answer
    return answer(args)
