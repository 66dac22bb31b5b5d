"""The command: `merilo measure VERB …`, and `python -m merilo_psychometrics VERB …` without Merilo.

One table of verbs, each a module with `add_arguments` and `work`; everything around them — the
output folder, JSON, progress, errors — is done here once. Exit status: 0 done; 1 the data give no
result (the sentence says which item or booklet and what to do); 2 the command itself is wrong.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from merilo_psychometrics.errors import MeasurementError, WrongSettings
from merilo_psychometrics.provenance import ENGINE_VERSION
from merilo_psychometrics.tongue import Tongue

from .outcome import Outcome
from .remedies import plain
from .screen import Screen
from .trouble import require_writable, writing


class Verb(NamedTuple):
    """Where a verb lives and its line in the help."""

    module: str
    help: str


# A module is imported only when its verb is called: help must not wait for compiled kernels.
VERBS = {
    "describe": Verb("describe", "что в данных: варианты, связность, пропуски, трудность заданий"),
    "calibrate": Verb("calibrate", "параметры заданий: CML или MML"),
    "score": Verb("score", "способности участников и таблицы «балл — способность»"),
    "profiles": Verb("profiles", "разделы содержания: где работа сильнее и слабее своего балла"),
    "distractors": Verb("distractors", "кто и какие неверные ответы выбирает"),
    "fit": Verb("fit", "согласие заданий и теста с моделью"),
    "dif": Verb("dif", "одинаково ли задания трудны для групп равной способности"),
    "link": Verb("link", "связать две калибровки общими заданиями или баллы двух вариантов"),
    "standards": Verb("standards", "границы уровней: по суждениям экспертов или по данным"),
    "raters": Verb("raters", "строгость и согласие экспертов"),
    "forensics": Verb("forensics", "что в ответах требует внимания: сведения, не выводы"),
    "report": Verb("report", "отчёт с картинками в одном файле HTML"),
    "simulate": Verb("simulate", "смоделировать ответы или оценить точность будущей шкалы"),
}

# Bytes that are read longer than a person likes to wait in silence.
LONG_READING = 100_000_000

# Remedies that the sentences of the library leave unsaid; those they name are in `remedies`.
HINTS = {
    "UnknownItem": "--without-items {items}",
    "WeightedWorks": "--counted",
    "ScoreOutsideRule": "--omitted-code, --rules, --booklet, --group, --weight, --items",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs and their arguments."""
    what = parser.add_subparsers(dest="verb", required=True, metavar="ЧТО")
    for name, verb in VERBS.items():
        own = what.add_parser(name, help=verb.help, description=verb.help)
        _module(name).add_arguments(own)


def run(options: argparse.Namespace) -> int:
    """Do one verb; print its result, or the sentence why there is none."""
    tongue = Tongue(options.language)
    screen = Screen(live=False) if options.quiet else Screen()
    try:
        outcome, fresh = _outcome(options, screen)
    except MeasurementError as problem:
        return _refuse(problem, options)
    if options.json:
        from .store import as_json

        read = set(_inputs(_module(options.verb), options))
        made = {"engine": ENGINE_VERSION, "settings": _settings(options, read),
                "seed": vars(options).get("seed"), "provenance": list(outcome.provenance)}  # fmt: skip
        print(as_json({"verb": options.verb, **outcome.summary, "made": made}))
        return 0
    print(outcome.text.rstrip("\n"))
    if options.out is not None:
        place = options.out / options.verb
        print(
            tongue(f"\nЗаписано: {place}", f"\nWritten: {place}")
            if fresh
            else tongue(
                f"\nУже посчитано, взято готовое: {place} (посчитать заново: --again)",
                f"\nAlready there, taken as it is: {place} (to redo: --again)",
            )
        )
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a program of its own."""
    parser = argparse.ArgumentParser(
        prog="merilo_psychometrics", description="Измерительный движок: от ответов к шкале."
    )
    add_arguments(parser)
    try:
        return run(parser.parse_args(arguments))
    except BrokenPipeError:
        # The reader (`| head`) has gone; nothing more can be told to it.
        sys.stderr.close()
        return 141
    except KeyboardInterrupt:
        print("\nПрервано.", file=sys.stderr)
        return 130


def _outcome(options: argparse.Namespace, screen: Screen) -> tuple[Outcome, bool]:
    """Take the finished step from the folder, or do it; say whether it was done now."""
    from .store import Step, Store, fingerprint

    module = _module(options.verb)
    if options.out is None:
        return module.work(options, screen), True
    require_writable(options.out)
    with screen.step("Сверяю с готовым"):
        inputs = {
            name: fingerprint(str(where), vars(options).get("table"), told=_bar(screen))
            for name, where in _inputs(module, options).items()
        }
    step = Step(options.verb, _settings(options, set(inputs)), inputs, vars(options).get("seed"))
    store = Store(options.out)
    if not options.again and (ready := store.finished(step)) is not None:
        return ready, False
    outcome: Outcome = module.work(options, screen)
    with writing(options.out):
        store.write(step, outcome)
    return outcome, True


def _bar(screen: Screen) -> Callable[[int, int], None]:
    """A bar of the reading of a file that takes a while; a small one is read at once."""

    def told(done: int, size: int) -> None:
        if size > LONG_READING:
            screen.bar("Сверяю с готовым", done, size)

    return told


def _module(verb: str) -> Any:
    return importlib.import_module(f"{__name__}.{VERBS[verb].module}")


def _inputs(module: Any, options: argparse.Namespace) -> dict[str, str | Path]:
    """What the verb reads: the data, and files its module names."""
    given = vars(options)
    named = {name: given[name] for name in ("data", "rules") if given.get(name)}
    more = getattr(module, "inputs", None)
    return {**named, **(more(options) if more else {})}


def _settings(options: argparse.Namespace, inputs: set[str]) -> dict[str, Any]:
    """Everything else that decides the result; an option repeated is «option:name» in the inputs."""
    from .source import OUTSIDE

    read = {name.partition(":")[0] for name in inputs}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in sorted(vars(options).items())
        if name not in OUTSIDE and name not in read and name != "seed"
        and not callable(value)
    }  # fmt: skip


def _refuse(problem: MeasurementError, options: argparse.Namespace) -> int:
    status = 2 if isinstance(problem, WrongSettings) else 1
    russian, english = plain(problem, vars(options))
    sentence = Tongue(options.language)(russian, english)
    hint = HINTS.get(type(problem).__name__)
    first = hint.split(maxsplit=1)[0].strip(",") if hint else ""
    if hint and first.strip("-").replace("-", "_") in vars(options) and first not in sentence:
        items = ",".join(problem.items)
        sentence += Tongue(options.language)(" В команде: ", " In the command: ")
        sentence += f"{hint.format(items=items)}."
    if options.json:
        from .store import as_json

        told = {
            "kind": type(problem).__name__,
            "sentence": russian,
            "english": english,
            "items": list(problem.items),
            "booklets": list(problem.booklets),
        }
        print(as_json({"verb": options.verb, "error": told}))
    print(sentence, file=sys.stderr)
    return status
