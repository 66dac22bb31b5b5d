"""Designs to simulate, for `simulate`: one booklet, several with anchors, a test of two stages."""

from __future__ import annotations

import argparse
from itertools import pairwise
from typing import TYPE_CHECKING

from . import source

if TYPE_CHECKING:
    from merilo_psychometrics.design import Design
    from merilo_psychometrics.parameters import ItemParameters


def add_arguments(test: argparse._ArgumentGroup) -> None:
    """Declare the booklets."""
    test.add_argument(
        "--booklets", type=source.whole(1), default=1, metavar="N", help="вариантов (1)"
    )
    test.add_argument("--length", type=source.whole(1), metavar="N", help="заданий в варианте")
    test.add_argument("--anchors", type=source.whole(0), default=0, metavar="N",
                      help="общих заданий во всех вариантах (0)")  # fmt: skip
    test.add_argument("--routing", type=source.whole(0), default=0, metavar="N",
                      help="двухэтапный тест: заданий в первом этапе, средней трудности; остальные "
                      "делятся между вторыми этапами от лёгких к трудным (0: один этап)")  # fmt: skip
    test.add_argument("--routing-cuts", type=_rising, default=(), metavar="B,…",
                      help="баллы за первый этап, с которых начинаются второй, третий … вторые "
                      "этапы")  # fmt: skip


def require_possible(options: argparse.Namespace) -> None:
    """Raise `WrongSettings` for settings a test of two stages does not go with."""
    from merilo_psychometrics.errors import WrongSettings

    if bool(options.routing) != bool(options.routing_cuts):
        raise WrongSettings(
            "Двухэтапный тест задают вместе число заданий первого этапа (--routing) и баллы перехода "
            "(--routing-cuts).",
            "A two-stage test needs both --routing and --routing-cuts.",
        )
    if options.routing and (options.booklets > 1 or options.length or options.anchors):
        raise WrongSettings(
            "Варианты двухэтапного теста задаёт --routing-cuts: уберите --booklets, --length и "
            "--anchors.",
            "--routing-cuts makes the booklets: leave --booklets, --length and --anchors out.",
        )
    if options.routing and (options.copying or options.leaked or options.raising):
        # Altered answers would no longer lead along the path the work went.
        raise WrongSettings(
            "В двухэтапном тесте нечестность не моделируется: исправленный первый этап вёл бы в "
            "другой вариант. Уберите --copying, --leaked и --raising.",
            "Deeds would change the path of a work: leave --copying, --leaked and --raising out.",
        )


def design_of(options: argparse.Namespace, bank: ItemParameters) -> Design:
    """Booklets as the arguments ask. Raises `WrongSettings` for what the bank cannot fill."""
    from merilo_psychometrics import simulation

    if options.routing:
        return _two_stage(options, bank)
    if options.booklets == 1:
        return simulation.complete_design(bank.items)
    length = options.length or min(len(bank.items), 2 * len(bank.items) // options.booklets)
    return simulation.anchored_booklets(
        bank.items, booklets=options.booklets, length=length, anchors=options.anchors
    )


def _two_stage(options: argparse.Namespace, bank: ItemParameters) -> Design:
    """Items of middle difficulty first, the rest in equal parts from the easy to the hard."""
    import numpy as np

    from merilo_psychometrics import simulation
    from merilo_psychometrics.errors import WrongSettings

    modules = len(options.routing_cuts) + 1
    rest = len(bank.items) - options.routing
    if rest < modules:
        raise WrongSettings(
            f"После первого этапа (--routing {options.routing}) остаётся заданий {max(rest, 0)}, а вторых "
            f"этапов {modules} (--routing-cuts). Добавьте задания (--items).",
            f"--routing {options.routing} leaves {max(rest, 0)} items for {modules} second stages "
            "(--routing-cuts).",
        )
    order = [bank.items[n].id for n in np.argsort(bank.difficulty, kind="stable")]
    begin = rest // 2
    routing = order[begin : begin + options.routing]
    left = [name for name in order if name not in set(routing)]
    top = sum(item.max_score for item in bank.items if item.id in set(routing))
    if options.routing_cuts[-1] > top:
        raise WrongSettings(
            f"За первый этап можно получить {top}, а --routing-cuts доходит до "
            f"{options.routing_cuts[-1]}.",
            f"The first stage gives {top} at most, --routing-cuts go to {options.routing_cuts[-1]}.",
        )
    lows = (0, *options.routing_cuts)
    highs = (*(cut - 1 for cut in options.routing_cuts), top)
    parts = np.array_split(np.array(left), modules)
    return simulation.two_stage(
        bank.items,
        routing=routing,
        modules={
            str(n): (part.tolist(), low, high)
            for n, (part, low, high) in enumerate(zip(parts, lows, highs, strict=True), 1)
        },
    )


def _rising(text: str) -> tuple[int, ...]:
    """Scores that rise from 1."""
    try:
        cuts = tuple(int(part) for part in text.split(","))
    except ValueError:
        cuts = ()
    if not cuts or cuts[0] < 1 or any(b <= a for a, b in pairwise(cuts)):
        raise argparse.ArgumentTypeError(f"«{text}»: нужны возрастающие баллы от 1 через запятую")
    return cuts
