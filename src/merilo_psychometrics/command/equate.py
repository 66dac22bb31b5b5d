"""Scores of one form as scores of another: the half of `link` that reads answers, not parameters."""

from __future__ import annotations

import argparse
import copy
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.tongue import Tongue

from . import source
from .outcome import Outcome, columns
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.linking import EquatedScores, ScoreDistribution

Equate = Callable[["ScoreDistribution", "ScoreDistribution"], "EquatedScores"]
METHODS = ("equipercentile", "kernel", "linear")
CRITERIA = ("aic", "bic", "likelihood ratio")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what equating by score distributions needs."""
    how = parser.add_argument_group(
        "баллы двух вариантов (--method equipercentile, kernel, linear)",
        "ОТКУДА и КУДА — таблицы ответов двух групп; вместо ответов годится один столбец суммы "
        "баллов, с числом работ в --weight.",
    )
    how.add_argument("--anchored", choices=("post-stratification", "chained"),
                     help="группы не равны, их сравнивают по --anchors: через общую совокупность "
                     "или по цепочке (без этого группы считаются равными)")  # fmt: skip
    how.add_argument("--presmooth", type=_smoothing, default="aic", metavar="КАК",
                     help="лог-линейное сглаживание: степень (с якорем три: балл,якорь,произведение), "
                     "aic, bic, likelihood ratio или none (aic)")  # fmt: skip
    how.add_argument("--postsmooth", type=float, metavar="S",
                     help="equipercentile: кубические сплайны после выравнивания, S от 0 до 1")  # fmt: skip
    how.add_argument("--bandwidths", type=_numbers, metavar="H,H",
                     help="kernel: ширина ядер в баллах (по умолчанию наилучшая)")  # fmt: skip
    how.add_argument("--source-share", type=float, metavar="W",
                     help="доля группы ОТКУДА в общей совокупности (по числу работ)")  # fmt: skip
    how.add_argument("--bootstrap", type=source.whole(0), default=0, metavar="N",
                     help="ошибки по N повторным выборкам (0: формулой)")  # fmt: skip
    how.add_argument(
        "--seed", type=source.whole(0), default=1, metavar="N", help="зерно случайности (1)"
    )
    source.add_columns(parser)


def inputs(options: argparse.Namespace) -> dict[str, Any]:
    """Both tables of answers."""
    return {"source": options.source, "target": options.target}


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Count the scores of both groups, smooth, equate."""
    import numpy as np
    import polars as pl

    from merilo_psychometrics.errors import WrongSettings
    from merilo_psychometrics.linking import bootstrap_errors

    if options.anchored and not options.anchors:
        raise WrongSettings(
            "Назовите якорные задания, по которым сравниваются группы: --anchors A,B,…",
            "Name the anchor items that compare the groups: --anchors A,B.",
        )
    if options.anchors and not options.anchored:
        raise WrongSettings(
            "Якорь назван, но не сказано, как им пользоваться: --anchored post-stratification или "
            "chained.",
            "Say how the anchor is used: --anchored post-stratification or chained.",
        )
    x, y = (_counted(options, where, screen) for where in (options.source, options.target))
    equate = _equating(options)
    with screen.step("Выравниваю"):
        if options.bootstrap:
            watched = _watched(equate, screen, options.bootstrap)
            found = bootstrap_errors(watched, x, y, rng=np.random.default_rng(options.seed),
                                     replications=options.bootstrap)  # fmt: skip
        else:
            found = equate(x, y)
    top = len(y.scores) - 1
    table = pl.DataFrame(
        {
            "score": found.scores.astype(np.int64),
            "equated": found.equated,
            "se": pl.Series(found.se, dtype=pl.Float64, nan_to_null=True),
            "rounded": found.rounded(0, top),
        }
    )
    smooth = [_smoothed(x, options), _smoothed(y, options)]
    summary: dict[str, Any] = {
        "method": found.method,
        "works": [x.works, y.works],
        "presmooth": [None if s.fit is None else list(s.fit.degree) for s in smooth],
        "bootstrap": options.bootstrap,
        **found.details,
        "scores": table.to_dicts(),
    }
    text = _text(Tongue(options.language), found, summary, top)
    return Outcome(text, summary, {"scores": table}, provenance=[found.provenance.as_dict()])


def _watched(equate: Equate, screen: Screen, times: int) -> Equate:
    """The same, with a bar that tells how many of the samples are done."""
    done = itertools.count()

    def told(x: ScoreDistribution, y: ScoreDistribution) -> EquatedScores:
        found = equate(x, y)
        screen.bar("Выборки", next(done), times)  # the first call is the estimate itself
        return found

    return told


def _counted(options: argparse.Namespace, where: str, screen: Screen) -> ScoreDistribution:
    from merilo_psychometrics.linking import count_responses

    own = copy.copy(options)
    own.data = where
    return count_responses(source.read_responses(own, screen), anchors=options.anchors or ())


def _smoothed(counted: ScoreDistribution, options: argparse.Namespace) -> ScoreDistribution:
    from merilo_psychometrics.linking import presmooth

    how = options.presmooth
    if how == "none":
        return counted
    if how in CRITERIA:
        return presmooth(counted, criterion=how)
    return presmooth(counted, degree=how[0] if len(how) == 1 else tuple(how))


def _equating(
    options: argparse.Namespace,
) -> Callable[[ScoreDistribution, ScoreDistribution], EquatedScores]:
    """The equating with its smoothing inside, so that a resampled pair is smoothed anew."""
    from merilo_psychometrics import linking
    from merilo_psychometrics.errors import WrongSettings

    own = {"equipercentile": ("postsmooth",), "kernel": ("bandwidths",), "linear": ()}
    for other in ("postsmooth", "bandwidths"):
        if getattr(options, other) is not None and other not in own[options.method]:
            raise WrongSettings(
                f"--{other} не относится к способу {options.method}.",
                f"--{other} does not belong to {options.method}.",
            )

    def equate(x: ScoreDistribution, y: ScoreDistribution) -> EquatedScores:
        x, y = _smoothed(x, options), _smoothed(y, options)
        more: dict[str, Any] = {"weight": options.source_share}
        if options.method == "kernel":
            return linking.equate_kernel(
                x, y, anchored=options.anchored, bandwidths=options.bandwidths, **more
            )
        if options.method == "equipercentile":
            return linking.equate_percentiles(
                x, y, anchored=options.anchored, postsmooth=options.postsmooth, **more
            )
        by = {None: "equivalent groups", "chained": "chained", "post-stratification": "tucker"}
        return linking.equate_linear(x, y, method=by[options.anchored], **more)  # type: ignore[arg-type]

    return equate


def _text(t: Tongue, found: EquatedScores, summary: dict[str, Any], top: int) -> str:
    smooth = [", ".join(map(str, degree)) if degree else t("нет", "none")
              for degree in summary["presmooth"]]  # fmt: skip
    lines = [
        t(
            f"Способ: {found.method}; работ {t.count(summary['works'][0])} и "
            f"{t.count(summary['works'][1])}; степени сглаживания: {' и '.join(smooth)}.",
            f"Method: {found.method}; {t.count(summary['works'][0])} and "
            f"{t.count(summary['works'][1])} works; degrees of smoothing: {' and '.join(smooth)}.",
        )
    ]
    if "bandwidths" in found.details:
        said = ", ".join(t.number(h, 4) for h in found.details["bandwidths"])
        lines.append(t(f"Ширина ядер: {said} балла.", f"Bandwidths: {said} points."))
    head = [t("балл", "score"), t("равный балл", "equated"), "SE", t("целый", "rounded")]
    whole = found.rounded(0, top)
    rows = [
        [str(int(s)), t.number(e, 3), t.number(se, 3), str(int(r))]
        for s, e, se, r in zip(found.scores, found.equated, found.se, whole, strict=True)
    ]
    return "\n".join([*lines, "", columns(head, rows)])


def _smoothing(text: str) -> str | list[int]:
    if text in (*CRITERIA, "none"):
        return text
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(
            f"«{text}»: нужна степень, aic, bic, likelihood ratio или none"
        ) from wrong


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"«{text}»: нужны числа через запятую") from wrong
