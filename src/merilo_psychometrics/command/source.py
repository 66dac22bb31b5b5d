"""Arguments that say where the responses are and how to read them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .screen import Screen

# Reading loads compiled kernels; the help of a command must not wait for them.
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from merilo_psychometrics.data import Coding, ScoringRules, Source
    from merilo_psychometrics.responses import Block, Responses
    from merilo_psychometrics.statistics import SufficientStatistics

# What decides nothing about the result.
OUTSIDE = ("out", "json", "again", "quiet", "verb", "what")


def add_source(parser: argparse.ArgumentParser) -> None:
    """Declare the table of answers and all that says how to read it."""
    parser.add_argument(
        "data", metavar="ДАННЫЕ",
        help="файл, каталог или шаблон (Parquet, CSV, TSV, XLSX), либо база: postgresql://…, "
        "sqlite:///…, duckdb:///…",
    )  # fmt: skip
    add_columns(parser)


def add_columns(parser: argparse.ArgumentParser) -> None:
    """Declare the columns of a table of answers, its rules and what is decided about omissions."""
    table = parser.add_argument_group("таблица")
    table.add_argument("--long", action="store_true",
                       help="строка — один ответ (по умолчанию строка — вся работа)")  # fmt: skip
    table.add_argument("--table", metavar="ИМЯ", help="лист книги, таблица базы или запрос SELECT")
    table.add_argument("--person", default="person", metavar="СТОЛБЕЦ",
                       help="кто отвечал (person); «-»: такого столбца нет")  # fmt: skip
    table.add_argument("--items", type=names, metavar="A,B,…",
                       help="столбцы заданий (по умолчанию все, у которых нет другой роли)")  # fmt: skip
    table.add_argument(
        "--item", default="item", metavar="СТОЛБЕЦ", help="для --long: задание (item)"
    )
    table.add_argument("--score", default="score", metavar="СТОЛБЕЦ",
                       help="для --long: балл или ответ (score)")  # fmt: skip
    table.add_argument("--booklet", metavar="СТОЛБЕЦ", help="вариант; без него варианты — это "
                       "наборы предъявленных заданий")  # fmt: skip
    table.add_argument("--weight", metavar="СТОЛБЕЦ", help="вес работы")
    table.add_argument("--counted", action="store_true",
                       help="вес — сколько одинаковых работ в строке: считать их поштучно")  # fmt: skip
    table.add_argument("--group", action="append", default=[], metavar="СТОЛБЕЦ",
                       help="группировка: класс, школа, пол; можно повторять")  # fmt: skip
    rules = parser.add_argument_group("баллы и пропуски")
    rules.add_argument("--rules", metavar="ФАЙЛ",
                       help="правила оценивания: item, response, score или item, key")  # fmt: skip
    rules.add_argument("--otherwise", type=int, metavar="БАЛЛ",
                       help="балл за ответ, которого нет в правилах")  # fmt: skip
    rules.add_argument("--omitted-code", type=names, default=(), metavar="КОД,…",
                       help="чем записан пропуск")  # fmt: skip
    rules.add_argument("--not-reached-code", type=names, default=(), metavar="КОД,…",
                       help="чем записано недостигнутое задание")  # fmt: skip
    rules.add_argument("--not-administered-code", type=names, default=(), metavar="КОД,…",
                       help="чем записано непредъявленное задание")  # fmt: skip
    rules.add_argument("--omitted", choices=("wrong", "missing"),
                       help="считать пропуск неверным ответом или непредъявленным")  # fmt: skip
    rules.add_argument("--not-reached", choices=("wrong", "missing"),
                       help="то же о недостигнутых заданиях")  # fmt: skip
    rules.add_argument("--mark-not-reached", action="store_true",
                       help="пропуски в конце работы, кроме первого, считать недостигнутыми")  # fmt: skip
    rules.add_argument("--without-items", type=names, default=(), metavar="A,B,…",
                       help="не брать эти задания")  # fmt: skip
    rules.add_argument("--drop-unused-scores", action="store_true",
                       help="убрать из шкалы задания баллы, которых никто не получил")  # fmt: skip


def add_output(parser: argparse.ArgumentParser) -> None:
    """Declare where the result goes and how it is said."""
    output = parser.add_argument_group("результат")
    output.add_argument("--out", type=Path, metavar="КАТАЛОГ",
                        help="записать результат; готовый шаг с теми же данными и настройками "
                        "не повторяется")  # fmt: skip
    output.add_argument("--again", action="store_true", help="посчитать заново, даже если готово")
    output.add_argument("--json", action="store_true", help="напечатать результат в JSON")
    output.add_argument("--quiet", action="store_true", help="не показывать ход работы")
    output.add_argument("--language", choices=("ru", "en"), default="ru", help="язык (ru)")


def source_of(options: argparse.Namespace) -> Source:
    """Describe the table the arguments speak of."""
    from merilo_psychometrics.data import Long, Wide

    common: dict[str, Any] = {
        "booklet": options.booklet,
        "weight": options.weight,
        "groups": tuple(options.group),
        "table": options.table,
    }
    if options.long:
        return Long(options.data, options.person, options.item, options.score, **common)
    person = None if options.person == "-" else options.person
    return Wide(options.data, person, options.items, **common)


def rules_of(options: argparse.Namespace) -> ScoringRules | None:
    """Read the scoring rules when a file is named."""
    from merilo_psychometrics.data import read_rules

    if not options.rules:
        return None
    return read_rules(options.rules, otherwise=options.otherwise)


def coding_of(options: argparse.Namespace) -> Coding:
    """Codes of missing."""
    from merilo_psychometrics.data import Coding

    return Coding(
        tuple(options.omitted_code),
        tuple(options.not_reached_code),
        tuple(options.not_administered_code),
    )


def read_as_they_are(
    options: argparse.Namespace, screen: Screen, *, keep_answers: bool = False
) -> Responses:
    """Read the responses without deciding about omissions."""
    from merilo_psychometrics.data import read
    from merilo_psychometrics.weights import one_by_one

    rules = rules_of(options)
    with screen.step("Читаю ответы"):
        responses = read(
            source_of(options),
            rules=rules,
            coding=coding_of(options),
            keep_answers=keep_answers,
            told=screen.rows("Читаю ответы"),
        )
    if options.counted:
        responses = one_by_one(responses)
    if vars(options).get("stages"):
        from .stages import read_stages, with_stages

        paths = read_stages(options.stages)
        responses = with_stages(responses, paths, named=options.booklet is not None)
    if options.without_items:
        _require_items(responses, options.without_items)
        responses = responses.without_items(options.without_items)
    return responses.mark_not_reached() if options.mark_not_reached else responses


def read_responses(
    options: argparse.Namespace, screen: Screen, *, keep_answers: bool = False
) -> Responses:
    """Read the responses and do with omissions what the arguments say, when they say it."""
    responses = read_as_they_are(options, screen, keep_answers=keep_answers)
    responses = _treated(responses, *decisions(options))
    return responses.without_unused_scores() if options.drop_unused_scores else responses


def weights(block: Block) -> NDArray[np.float64]:
    """How often every row of a block counts."""
    import numpy as np

    return np.ones(len(block)) if block.weights is None else block.weights


def decisions(options: argparse.Namespace) -> tuple[Any, Any]:
    """What omitted and not reached responses count as; None where nobody has decided.

    Where nothing marks a response as not reached there is none to decide about.
    """
    marked = options.not_reached_code or options.mark_not_reached
    unmarked = "wrong" if options.omitted and not marked else None
    return options.omitted, options.not_reached or unmarked


def _treated(responses: Responses, omitted: Any, not_reached: Any) -> Responses:
    if omitted and not_reached:
        return responses.treat(omitted=omitted, not_reached=not_reached)
    return responses  # the verb says which decision is missing, if it needs one


def whole(least: int) -> Callable[[str], int]:
    """A whole number from `least` up."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"«{text}»: нужно целое число не меньше {least}")
        return value

    return read


def share(text: str) -> float:
    """A number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"«{text}»: нужна доля от 0 до 1")
    return value


def names(text: str) -> tuple[str, ...]:
    """Split «A, B» into names."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def count_responses(options: argparse.Namespace, screen: Screen) -> SufficientStatistics:
    """Count the responses in one pass where the data are; choices about items need them read."""
    from merilo_psychometrics import data
    from merilo_psychometrics.data.engines import count_in
    from merilo_psychometrics.errors import WrongSettings
    from merilo_psychometrics.statistics import sufficient_statistics

    needs_all = options.without_items or options.mark_not_reached or options.drop_unused_scores
    if needs_all and options.engine != "local":
        raise WrongSettings(
            f"С --engine {options.engine} ответы считаются там, где лежат: уберите --without-items, "
            "--mark-not-reached и --drop-unused-scores или подготовьте таблицу заранее.",
            f"--engine {options.engine} counts where the data are: prepare the table beforehand.",
        )
    if needs_all:
        responses = read_responses(options, screen)
        with screen.step("Считаю"):
            return sufficient_statistics(responses)
    omitted, not_reached = decisions(options)
    how: dict[str, Any] = {
        "rules": rules_of(options),
        "coding": coding_of(options),
        "omitted": omitted,
        "not_reached": not_reached,
    }
    with screen.step("Читаю и считаю"):
        if options.engine == "local":
            counted = data.count(source_of(options), **how, told=screen.rows("Читаю и считаю"))
        else:
            counted = count_in(source_of(options), engine=options.engine, **how)
    return counted


def _require_items(responses: Responses, wanted: Sequence[str]) -> None:
    from merilo_psychometrics.errors import WrongSettings, listed

    there = [item.id for item in responses.design.items]
    lost = [name for name in wanted if name not in there]
    if lost:
        raise WrongSettings(
            f"В данных нет заданий {listed(lost)}, названных в --without-items; есть: "
            f"{listed(there)}.",
            f"No items {listed(lost)} (--without-items); there are {listed(there)}.",
            items=lost,
        )
