"""The remedies of the library said as options: a person at the command line calls no functions.

A sentence of the library names its functions and settings, for whoever writes Python. Here each of
these words becomes the option that does the same, where the verb has it; where there is none, the
word is said plainly or left out with its bracket.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from merilo_psychometrics.errors import MeasurementError


class Word(NamedTuple):
    """Words of the library as a pattern; `said` where the verb has `option`, else `plain`."""

    pattern: str
    option: str | None
    said: str
    plain: str = ""


RUSSIAN = (
    Word(r"Перед «[^»]*» вызовите responses\.treat\(omitted=…, not_reached=…\): «wrong» — ноль баллов, "
         r"«missing» — задание не предъявлялось", "omitted",
         "Скажите это: --omitted wrong (ноль баллов) или --omitted missing (задание не предъявлялось), "
         "так же --not-reached", "Решите это в самих данных: ноль баллов или пустая клетка"),
    Word(r", (объедините его баллы) \(rescored\) или увеличьте max_iterations", "rules",
         r" или \1 (--rules)", r" или \1"),
    Word(r", (возьмите модель проще) или увеличьте max_iterations", None, "", r" или \1"),
    Word(r"Прочтите данные с keep_answers=True; групп", "score_groups",
         "Назовите в правилах оценивания (--rules) все ответы; групп (--score-groups)",
         "Назовите в правилах оценивания все ответы; групп"),
    Word(r"читайте данные с keep_answers=True", "rules", "назовите правила оценивания (--rules)",
         "прочтите таблицу с ответами"),
    Word(r"Передайте popularity — доли верных ответов по региону — или исключите вариант "
         r"\(only_booklets\)", None, "", "Соберите больше работ или уберите вариант из таблицы"),
    Word(r"передайте prior — то же априорное распределение", None, "",
         "нужно то же априорное распределение"),
    Word(r"из focal ", None, "", "из таблицы "),
    Word(r"Назовите столбец в groups", "group", "Назовите столбец (--group)", "Назовите столбец"),
    Word(r"Передайте periods", None, "", "Назовите периоды"),
    # The command knows no periods; a mark twice is most often one of another criterion.
    Word(r" или назовите периоды \(periods\)", "without_raters",
         " или назовите столбец критерия (--item)"),
    Word(r"Назовите все категории \(categories\) для AC1 или сообщайте", None, "", "Сообщайте"),
    Word(r"Посмотрите якоря \(detect_drift\)", "drift", "Посмотрите якоря (--drift)",
         "Посмотрите якоря"),
)  # fmt: skip
ENGLISH = (
    Word(r"call responses\.treat\(omitted=…, not_reached=…\) before \w+", "omitted",
         "say what they count as: --omitted wrong|missing, --not-reached wrong|missing",
         "decide it in the data: no points, or an empty cell"),
    Word(r"read with keep_answers=True, and ask", "score_groups",
         "name every answer in --rules, and ask (--score-groups)",
         "name every answer in the rules, and ask"),
    Word(r"read with keep_answers=True", "rules", "name the scoring rules (--rules)",
         "read the table of answers"),
    Word(r"; choose it with only_booklets", None, "", "; keep one in the table"),
    Word(r"or use krippendorff_alpha", None, "", "or use Krippendorff's alpha"),
    Word(r"leave the parameters out or use likelihood_fit", None, "", "look at l_z*"),
    Word(r"give popularity from a greater population", None, "", "gather more works"),
    Word(r"anchor_highest is needed", None, "", "the full score of the anchor is needed"),
    Word(r"name all categories for AC1, or report", None, "", "report"),
    Word(r" or give periods", "without_raters", " or name the column of the criterion (--item)"),
    Word(r"; give periods", None, ""),
    Word(r" \((?:only|whole)\)", None, ""),
    Word(r"look at the anchors \(detect_drift\)", "drift", "look at the anchors (--drift)",
         "look at the anchors"),
    Word(r"draws=", "plausible_values", "--plausible-values ", "number of draws "),
    Word(r"drawn_in", None, "", "the share drawn in"),
)  # fmt: skip
EITHER = (
    Word(r" \(without_unused_scores\)", "drop_unused_scores", " (--drop-unused-scores)"),
    Word(r" \(rescored\)", "rules", " (--rules)"),
    Word(r" \(one_by_one(?:, --counted)?\)", "counted", " (--counted)"),
    Word(r" \(without_raters\)", "without_raters", " (--without-raters)"),
    Word(r" \(table=…\)", "table", " (--table)"),
    Word(r" \(count_scores\(…, anchor=…\)\)", "anchors", " (--anchors)"),
    Word(r" \(answers=\"(\w+)\"\)", "answers", r" (--answers \1)"),
    Word(r"\bmodel=\"([\w.{}]+)\"", "model", r"--model \1", r"\1"),
    Word(r"\bmethod='(\w+)'", "method", r"--method \1", r"\1"),
    Word(r"\bengine='(\w+)'", "engine", r"--engine \1", r"\1"),
    # Only a verb that calibrates counts by an engine; --model others have too.
    Word(r"\bcalibrate_mml\b", "engine", "--method mml", "MML"),
    Word(r"\bresponse_probability\b", "response_probability", "--response-probability",
         "response probability"),
    Word(r"\blz_star\b", None, "", "l_z*"),
    # Any other bracket that holds nothing but a name of the library is an aside.
    Word(r" \((?:\w+_\w+|focal|where|only|periods|categories|\w+=[^()]*)\)", None, ""),
)  # fmt: skip


def plain(problem: MeasurementError, options: Collection[str]) -> tuple[str, str]:
    """The sentence of a problem in Russian and English, in options of a verb that has `options`."""
    items = Word(r" \(without_items\)", "without_items", " (--without-items)")
    if problem.items:
        # The names are words of a person: nothing in them is a reference of a pattern.
        named = ",".join(problem.items).replace("\\", r"\\")
        items = items._replace(said=f" (--without-items {named})")
    russian = _said(str(problem), (*RUSSIAN, items, *EITHER), options)
    return russian, _said(problem.english, (*ENGLISH, items, *EITHER), options)


def _said(sentence: str, words: Collection[Word], options: Collection[str]) -> str:
    for word in words:
        known = word.option is not None and word.option in options
        sentence = re.sub(word.pattern, word.said if known else word.plain, sentence)
    return sentence
