"""`simulate`: responses or marks of raters from a model, or what precision a design will give."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.provenance import Provenance, digest
from merilo_psychometrics.tongue import Tongue

from . import designed, rated, source
from .outcome import Outcome, columns
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.design import Design
    from merilo_psychometrics.parameters import ItemParameters
    from merilo_psychometrics.responses import Responses

MODELS = ("rasch", "pcm", "2pl", "gpcm", "3pl")
# Options whose being asked for is told from their defaults.
ASKED = (*rated.NOT_OF_RATERS, "marks", "severity_sd", "careless", "central")


def _spread(text: str) -> float:
    """A standard deviation."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"«{text}»: нужен разброс, число не меньше 0")
    return value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    test = parser.add_argument_group("тест")
    test.add_argument(
        "--items", type=source.whole(1), default=40, metavar="N", help="заданий в банке (40)"
    )
    test.add_argument("--model", choices=MODELS, default="rasch", help="модель (rasch)")
    test.add_argument("--steps", type=source.whole(1), default=3, metavar="N",
                      help="полный балл заданий pcm и gpcm (3)")  # fmt: skip
    test.add_argument("--parameters", type=Path, metavar="ФАЙЛ",
                      help="взять готовые параметры вместо случайных")  # fmt: skip
    designed.add_arguments(test)
    people = parser.add_argument_group("участники")
    people.add_argument(
        "--works",
        type=source.whole(1),
        default=1000,
        metavar="N",
        help="работ на вариант, а в двухэтапном тесте всего (1000)",
    )
    people.add_argument("--mean", type=float, default=0.0, help="средняя способность, логиты (0)")
    people.add_argument("--sd", type=_spread, default=1.0, help="разброс способности, логиты (1)")
    people.add_argument(
        "--schools", type=source.whole(0), default=0, metavar="N", help="школ (0: без школ)"
    )
    people.add_argument(
        "--school-sd", type=_spread, default=0.4, help="разброс школ, логиты (0.4)"
    )
    deeds = parser.add_argument_group("нечестность")
    deeds.add_argument("--copying", type=source.whole(0), default=0, metavar="N",
                       help="пар списавших в каждом варианте, 90 %% ответов")  # fmt: skip
    deeds.add_argument("--leaked", type=source.whole(0), default=0, metavar="N",
                       help="утёкших заданий, их знает каждый десятый")  # fmt: skip
    deeds.add_argument("--raising", type=source.whole(0), default=0, metavar="N",
                       help="школ, исправивших треть неверных ответов")  # fmt: skip
    rated.add_arguments(parser, _spread)
    parser.add_argument("--plan", action="store_true",
                        help="не моделировать, а посчитать ожидаемую точность")  # fmt: skip
    parser.add_argument(
        "--seed", type=source.whole(0), default=1, metavar="N", help="зерно случайности (1)"
    )
    source.add_output(parser)
    parser.set_defaults(defaults=lambda: {name: parser.get_default(name) for name in ASKED})


def inputs(options: argparse.Namespace) -> dict[str, str | Path]:
    """Files read."""
    from .scale import parameter_file

    return {"parameters": parameter_file(options.parameters)} if options.parameters else {}


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Simulate, or plan."""
    import numpy as np

    from merilo_psychometrics import simulation

    from .scale import read_parameters

    _require_possible(options)
    rng = np.random.default_rng(options.seed)
    if options.parameters:
        bank = read_parameters(options.parameters)
    else:
        bank = simulation.item_bank(
            options.items, model=options.model, steps=options.steps, rng=rng
        )
    if options.raters:
        with screen.step("Моделирую"):
            return rated.ratings(options, bank, rng)
    design = designed.design_of(options, bank)
    if options.plan:
        return _plan(options, bank, design)
    with screen.step("Моделирую"):
        return _responses(options, bank, design, rng)


def _require_possible(options: argparse.Namespace) -> None:
    """Deeds need somebody to do them, a folder is needed for what is drawn."""
    from merilo_psychometrics.errors import WrongSettings

    rated.require_possible(options, options.defaults())
    if options.out is None and not options.plan:
        raise WrongSettings(
            "Назовите каталог для смоделированного: --out КАТАЛОГ.",
            "Name the folder for what is simulated: --out FOLDER.",
        )
    designed.require_possible(options)
    if options.raising > options.schools:
        raise WrongSettings(
            f"Школ, исправивших ответы (--raising), {options.raising}, а всего школ {options.schools}: "
            "назовите их число в --schools.",
            f"--raising asks for {options.raising} schools of {options.schools}: see --schools.",
        )
    if 2 * options.copying > options.works:
        raise WrongSettings(
            f"На {options.copying} пар (--copying) нужно {2 * options.copying} работ в варианте, а их "
            f"{options.works} (--works).",
            f"--copying {options.copying} needs {2 * options.copying} works a booklet (--works).",
        )


def _responses(
    options: argparse.Namespace, bank: ItemParameters, design: Design, rng: Any
) -> Outcome:
    import numpy as np
    import polars as pl

    from merilo_psychometrics import simulation

    from .scale import parameter_table

    groups = {"school": (options.schools, options.school_sd)} if options.schools else {}
    cohort = simulation.Cohort("all", options.works, options.mean, options.sd)
    made = simulation.simulate_responses(bank, design, [cohort], rng=rng, groups=groups)
    responses, deeds = made.responses, _deeds(options, made.responses, rng)
    touched = [np.zeros(len(block), dtype=bool) for block in responses.blocks]
    for deed in deeds:
        responses = deed.responses
        touched = [was | now for was, now in zip(touched, deed.works, strict=True)]
    table = response_table(responses)
    truth = pl.DataFrame(
        {
            "person": np.concatenate([block.persons for block in responses.blocks]),
            "ability": np.concatenate(made.abilities),
            "dishonest": np.concatenate(touched),
        }
    )
    t = Tongue(options.language)
    summary = {
        "works": responses.works,
        "items": len(bank.items),
        "booklets": len(design.booklets),
        "dishonest": int(truth["dishonest"].sum()),
        "data": responses.data_hash,
    }
    text = t(
        f"Смоделировано работ {t.count(responses.works)} по {len(bank.items)} заданиям в "
        f"{len(design.booklets)} вариантах; нечестных работ {summary['dishonest']}.\n"
        "Ответы: responses.csv; истинные параметры: parameters.csv; истинные способности: truth.csv.",
        f"Simulated {t.count(responses.works)} works on {len(bank.items)} items in "
        f"{len(design.booklets)} booklets; {summary['dishonest']} dishonest works.\n"
        "Responses: responses.csv; true parameters: parameters.csv; true abilities: truth.csv.",
    )
    tables = {"responses": table, "parameters": parameter_table(bank), "truth": truth}
    if options.routing:
        from .stages import stage_rows

        tables["stages"] = pl.DataFrame(stage_rows(design), infer_schema_length=None)
        text += t("\nЭтапы и баллы перехода: stages.csv (для calibrate --stages).",
                  "\nStages and the scores that lead on: stages.csv (for calibrate --stages).")  # fmt: skip
    source_of = Provenance("simulate_responses", responses.data_hash, seed=options.seed)
    return Outcome(text, summary, tables, provenance=[source_of.as_dict()])


def _deeds(options: argparse.Namespace, responses: Responses, rng: Any) -> list[Any]:
    from merilo_psychometrics import simulation
    from merilo_psychometrics.errors import WrongSettings

    deeds: list[Any] = []
    if options.copying:
        grouping = "school" if options.schools else None
        deeds.append(
            simulation.copy_answers(
                responses, pairs=options.copying, share=0.9, rng=rng, grouping=grouping
            )
        )
    if options.leaked:
        names = [item.id for item in responses.design.items]
        if options.leaked > len(names):
            raise WrongSettings(
                f"Утёкших заданий (--leaked) {options.leaked}, а всего их {len(names)}.",
                f"--leaked asks for {options.leaked} items of {len(names)}.",
            )
        chosen = rng.choice(len(names), options.leaked, replace=False)
        before = deeds[-1].responses if deeds else responses
        deeds.append(
            simulation.leak_items(
                before, [names[n] for n in chosen], persons=0.1, chance=0.95, rng=rng
            )
        )
    if options.raising:
        before = deeds[-1].responses if deeds else responses
        schools = before.group_names("school")[: options.raising]
        deeds.append(simulation.raise_scores(before, "school", schools, share=1 / 3, rng=rng))
    return deeds


def response_table(responses: Responses) -> Any:
    """Responses as a wide table: person, booklet, groups, an item a column; not given is null."""
    import numpy as np
    import polars as pl

    from merilo_psychometrics.responses import NOT_ADMINISTERED

    booklets = responses.design.booklets
    several = len(booklets) > 1
    held = zip(booklets, responses.blocks, strict=True)
    names = np.concatenate([np.repeat(booklet.id, len(block)) for booklet, block in held])
    about: dict[str, Any] = {"person": np.concatenate([b.persons for b in responses.blocks])}
    about |= {"booklet": names} if several else {}
    for grouping, labels in responses.groups.items():
        if len(labels) > 1:
            codes = np.concatenate([block.groups[grouping] for block in responses.blocks])
            about[grouping] = np.array(labels)[codes]
    matrix = responses.matrix()
    return pl.DataFrame(about).hstack(
        pl.DataFrame(
            {item.id: matrix[:, n] for n, item in enumerate(responses.design.items)}
        ).with_columns(pl.all().replace(NOT_ADMINISTERED, None))
    )


def _plan(options: argparse.Namespace, bank: ItemParameters, design: Design) -> Outcome:
    import numpy as np

    from merilo_psychometrics import simulation

    from .scale import parameter_table

    made = simulation.plan(bank, design, options.works, mean=options.mean, sd=options.sd)
    t = Tongue(options.language)
    items = parameter_table(made.parameters)
    flat = made.threshold_se[~np.isnan(made.threshold_se)]
    import polars as pl

    items = items.with_columns(pl.Series("threshold_se", flat))
    middle = int(np.argmin(np.abs(made.theta - options.mean)))
    low = int(np.argmin(np.abs(made.theta - (options.mean - 2 * options.sd))))
    rows: list[dict[str, Any]] = [
        {
            "booklet": booklet.booklet,
            "works": booklet.works,
            "reliability": booklet.reliability,
            "se_at_mean": float(booklet.se[middle]),
            "se_two_sd_below": float(booklet.se[low]),
        }
        for booklet in made.booklets
    ]
    link = float(made.link_se.max())
    summary: dict[str, Any] = {
        "threshold_se_median": float(np.median(flat)),
        "threshold_se_largest": float(flat.max()),
        "link_se_largest": link,
        "booklets": rows,
    }
    text = "\n".join(
        [
            t(
                f"Ошибка порога задания: обычно {t.number(summary['threshold_se_median'], 3)}, "
                f"наибольшая {t.number(summary['threshold_se_largest'], 3)} логита.",
                f"Error of a threshold: median {t.number(summary['threshold_se_median'], 3)}, "
                f"largest {t.number(summary['threshold_se_largest'], 3)} logits.",
            ),
            t(
                f"Ошибка связи двух вариантов: не больше {t.number(link, 3)} логита.",
                f"Error of the link between two booklets: at most {t.number(link, 3)} logits.",
            ),
            "",
            columns(
                [t("вариант", "booklet"), t("работ", "works"), t("надёжность", "reliability"),
                 t("SE в середине", "SE at the mean"), t("SE на 2 SD ниже", "SE 2 SD below")],
                [
                    [row["booklet"], t.count(row["works"]), t.number(row["reliability"], 3),
                     t.number(row["se_at_mean"], 3), t.number(row["se_two_sd_below"], 3)]
                    for row in rows
                ],
            ),
        ]
    )  # fmt: skip
    # The thresholds are drawn by the seed; the errors are exact.
    known = digest([made.parameters.thresholds, made.parameters.slope])
    provenance = [Provenance("plan", known, seed=options.seed).as_dict()]
    return Outcome(text, summary, {"items": items, "booklets": pl.DataFrame(rows)},
                   provenance=provenance)  # fmt: skip
