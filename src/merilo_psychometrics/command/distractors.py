"""`distractors`: which answers are chosen, and by whom."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.tongue import Tongue

from . import source
from .outcome import Outcome, columns
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.classical import Answer, DistractorAnalysis

SHOWN = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    source.add_source(parser)
    how = parser.add_argument_group("ответы")
    how.add_argument("--score-groups", type=int, default=5, metavar="N",
                     help="на сколько групп по баллу делить работы (5)")  # fmt: skip
    source.add_output(parser)


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Count every answer by who gave it, and name those that draw the better works."""
    import polars as pl

    from merilo_psychometrics.classical import analyse_distractors
    from merilo_psychometrics.errors import WrongSettings

    if not options.rules:
        raise WrongSettings(
            "Чтобы отличать ответы друг от друга, нужны правила оценивания: --rules ФАЙЛ со "
            "столбцами item, response, score или item, key.",
            "Answers are told apart by the scoring rules: name the table (--rules FILE).",
        )
    responses = source.read_responses(options, screen, keep_answers=True)
    with screen.step("Считаю ответы"):
        found = analyse_distractors(responses, groups=options.score_groups)
    drawing = {(a.booklet, a.item, a.answer) for a in found.suspicious()}
    rows = [
        _row(answer, (answer.booklet, answer.item, answer.answer) in drawing)
        for answer in found.answers
    ]
    summary = {
        "works": responses.works,
        "score_groups": found.groups,
        "suspicious": [row for row in rows if row["suspicious"]],
        "answers": rows,
    }
    flat = [
        {key: value for key, value in row.items() if key != "by_group"}
        | {f"group_{n + 1}": share for n, share in enumerate(row["by_group"])}
        for row in rows
    ]
    return Outcome(
        _text(Tongue(options.language), found, rows),
        summary,
        {"answers": pl.DataFrame(flat, infer_schema_length=None)},
        provenance=[found.provenance.as_dict()],
    )


def _row(answer: Answer, suspicious: bool) -> dict[str, Any]:
    return {**vars(answer), "by_group": answer.by_group.tolist(), "suspicious": suspicious}


def _text(t: Tongue, found: DistractorAnalysis, rows: list[dict[str, Any]]) -> str:
    drawing = [row for row in rows if row["suspicious"]]
    lines = [
        t(
            f"Ответов {len(rows)}; неверных, которые сильные работы выбирают чаще верного: "
            f"{len(drawing)}.",
            f"{len(rows)} answers; wrong ones that better works prefer to the right one: "
            f"{len(drawing)}.",
        )
    ]
    if drawing:
        said = ", ".join(f"{row['item']} «{row['answer']}»" for row in drawing)
        lines.append(
            t(
                f"Проверьте ключ и условие: {said}.",
                f"Look at the key and the wording: {said}.",
            )
        )
    head = [
        t("вариант", "booklet"), t("задание", "item"), t("ответ", "answer"), t("балл", "score"),
        t("работ", "works"), t("доля", "share"), t("с остальными", "item–rest"),
        t(f"доля в группах 1…{found.groups}", f"share in groups 1…{found.groups}"),
    ]  # fmt: skip
    shown = [
        [
            row["booklet"],
            row["item"],
            row["answer"] or t("другой", "other"),
            str(row["score"]),
            t.count(row["works"]),
            t.share(row["share"]),
            t.number(row["rest_correlation"], 3),
            " ".join(t.number(share) for share in row["by_group"])
            + (" !" if row["suspicious"] else ""),
        ]
        for row in rows[:SHOWN]
    ]
    lines += ["", columns(head, shown)]
    if len(rows) > SHOWN:
        lines.append(t("… остальные строки — в файлах (--out) и в --json",
                       "… the other rows are in the files (--out) and in --json"))  # fmt: skip
    return "\n".join(lines)
