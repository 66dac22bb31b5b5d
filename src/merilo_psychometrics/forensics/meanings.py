"""How every indicator is read, in Russian and English.

No sentence names a cause: the same pattern has many. The words follow the rule of the domain:
a signal is a reason to look, nothing more.
"""

from __future__ import annotations

from typing import Literal

from .evidence import Meaning, Said

Family = Literal["level", "boundary", "pattern", "similarity", "variation", "history"]

PATTERN_NOT: Said = {
    "ru": "О причине это не говорит: так выглядят и болезнь, и спешка, и незнакомая тема, и иной "
    "порядок изучения программы, и ошибка сканирования.",
    "en": "It does not tell the cause: illness, haste, a topic not taught, another order of "
    "teaching or a scanning error look the same.",
}
PAIR_NOT: Said = {
    "ru": "О причине это не говорит и направления не указывает: общая подготовка, один учитель, "
    "близнецы, ошибка в учебнике дают то же. Судить о людях по одному этому числу нельзя.",
    "en": "It does not tell the cause nor a direction: shared preparation, one teacher, twins or a "
    "shared error of a textbook give the same. Nobody may be judged by this number alone.",
}
GROUP_NOT: Said = {
    "ru": "О причине это не говорит: сильный набор, хорошая работа школы, особенности программы и "
    "состав класса дают то же. Нужен взгляд на работы и условия.",
    "en": "It does not tell the cause: a strong intake, good teaching, the programme and who sits "
    "in the class give the same. Look at the works and the conditions.",
}
BOUNDARY_NOT: Said = {
    "ru": "О причине это не говорит: возможный маркер, который требует дополнительного анализа, — "
    "например, перепроверки пограничных работ или устройства самих критериев.",
    "en": "It does not tell the cause: a possible marker that calls for more analysis, such as "
    "marking the works near the boundary again or a look at the marking scheme.",
}

CONDITIONAL: Said = {
    "ru": "при таком числе верных ответов трудные и лёгкие задания решаются по модели",
    "en": "given the number of right answers, items are solved as the model says",
}
PARAMETRIC: Said = {
    "ru": "ответы следуют модели при найденном уровне подготовки",
    "en": "answers follow the model at the ability found",
}
INDEPENDENT: Said = {
    "ru": "двое отвечали независимо друг от друга, каждый по своему уровню",
    "en": "the two answered independently, each by own ability",
}
SAYS_PATTERN: Said = {
    "ru": "Малая вероятность значит: сочетание верных и неверных ответов непривычно для такого "
    "результата.",
    "en": "A small probability means: the combination of right and wrong is unusual for this score.",
}
SAYS_PAIR: Said = {
    "ru": "Малая вероятность значит: совпадений больше, чем объясняет уровень обоих.",
    "en": "A small probability means: more answers agree than the two abilities explain.",
}
ERRORS: Said = {"ru": "доля возможных нарушений порядка", "en": "share of possible errors"}
EXTRA: Said = {"ru": "совпадений сверх ожидания", "en": "matches above expectation"}


def _pattern(code: str, russian: str, english: str, null: Said, effect: Said) -> Meaning:
    title: Said = {"ru": russian, "en": english}
    return Meaning(code, "pattern", title, null, effect, SAYS_PATTERN, PATTERN_NOT)


def _pair(code: str, russian: str, english: str, null: Said = INDEPENDENT) -> Meaning:
    title: Said = {"ru": russian, "en": english}
    return Meaning(code, "similarity", title, null, EXTRA, SAYS_PAIR, PAIR_NOT)


def _group(
    code: str, family: Family, title: Said, null: Said, effect: Said, says: Said
) -> Meaning:
    not_says = BOUNDARY_NOT if family == "boundary" else GROUP_NOT
    return Meaning(code, family, title, null, effect, says, not_says)


MEANINGS = {
    meaning.code: meaning
    for meaning in (
        _pattern(
            "lz", "Правдоподобие ответов l_z", "Likelihood of the answers l_z",
            PARAMETRIC, {"ru": "отклонение в сигмах", "en": "deviation in sigmas"},
        ),
        _pattern(
            "lz_star", "Правдоподобие ответов l_z*", "Likelihood of the answers l_z*",
            PARAMETRIC, {"ru": "отклонение в сигмах", "en": "deviation in sigmas"},
        ),
        _pattern("g", "Нарушения порядка трудности G", "Guttman errors G", CONDITIONAL, ERRORS),
        _pattern(
            "g_normed", "Доля нарушений порядка G", "Normed Guttman errors", CONDITIONAL, ERRORS
        ),
        _pattern("u3", "Индекс U3", "Index U3", CONDITIONAL, ERRORS),
        _pattern(
            "zu3", "Индекс ZU3", "Index ZU3", CONDITIONAL,
            {"ru": "отклонение в сигмах", "en": "deviation in sigmas"},
        ),
        _pattern(
            "ht", "Согласие с порядком других Hᵀ", "Agreement with the others Hᵀ", CONDITIONAL,
            {"ru": "доля наибольшего согласия", "en": "share of the greatest agreement"},
        ),
        _pair("gbt", "Совпадения ответов GBT", "Matching answers GBT"),
        _pair("omega", "Совпадения с ответами второго ω", "Matches with the other's answers ω", {
            "ru": "первый отвечал по своему уровню, каковы бы ни были ответы второго",
            "en": "the first answered by own ability, whatever the second answered",
        }),
        _pair("omega_both", "Совпадения ответов ω (общая)", "Matching answers ω (unconditional)"),
        _pair("m4", "Совпадения верных и неверных M4", "Right and wrong matches M4"),
        *(
            _pair(code, f"Совпадения неверных ответов {name}", f"Matching wrong answers {name}", {
                "ru": "неверные ответы совпадают так же часто, как у других с тем же числом ошибок",
                "en": "wrong answers match as often as for others with as many errors",
            })
            for code, name in (("k", "K"), ("k1", "K1"), ("k2", "K2"), ("s1", "S1"))
        ),
        _group(
            "boundary_ratio", "boundary",
            {"ru": "Пик на границе отметки", "en": "Peak at a mark boundary"},
            {"ru": "работы распределены на двух баллах и соседних поровну",
             "en": "works spread evenly over the score and its neighbours"},
            {"ru": "во сколько раз больше соседей", "en": "times the mean of the neighbours"},
            {"ru": "Значение много больше единицы значит: на границе работ больше, чем рядом.",
             "en": "A value far above one means: more works at the boundary than beside it."},
        ),
        _group(
            "boundary_binomial", "boundary",
            {"ru": "Перевес на границе отметки", "en": "Excess at a mark boundary"},
            {"ru": "работа попадает на границу и балл под ней с равной вероятностью",
             "en": "a work falls on the boundary and the score below it equally likely"},
            {"ru": "доля на границе", "en": "share at the boundary"},
            {"ru": "Малая вероятность значит: на границе работ заметно больше, чем баллом ниже.",
             "en": "A small probability means: clearly more works at the boundary than one below."},
        ),
        _group(
            "boundary_jump", "boundary",
            {"ru": "Скачок распределения на границе", "en": "Jump of the distribution"},
            {"ru": "распределение баллов у границы гладкое",
             "en": "the distribution is smooth near the boundary"},
            {"ru": "логарифм отношения плотностей", "en": "log ratio of the densities"},
            {"ru": "Малая вероятность значит: распределение рвётся на границе отметки.",
             "en": "A small probability means: the distribution breaks at the boundary."},
        ),
        _group(
            "excess_mass", "boundary",
            {"ru": "Избыток работ у границы", "en": "Excess mass at a boundary"},
            {"ru": "без границы распределение было бы гладким",
             "en": "without the boundary the distribution would be smooth"},
            {"ru": "избыток в долях обычного столбца", "en": "excess in usual bins"},
            {"ru": "Интервал без нуля значит: у границы работ больше, чем даёт гладкая кривая.",
             "en": "An interval without zero means: more works there than a smooth curve gives."},
        ),
        _group(
            "mean_shift", "level",
            {"ru": "Среднее выше общего", "en": "Mean above the whole"},
            {"ru": "группа — случайная выборка из всех работ",
             "en": "the group is a random draw from all works"},
            {"ru": "разность средних", "en": "difference of means"},
            {"ru": "Малая вероятность значит: средний результат выше общего.",
             "en": "A small probability means: the mean is above the whole."},
        ),
        _group(
            "unusual_works", "pattern",
            {"ru": "Непривычные работы в группе", "en": "Unusual works in the group"},
            {"ru": "при том же балле работы группы таковы же, как у всех",
             "en": "at equal scores works of the group are like all others"},
            {"ru": "среднее отклонение в сигмах", "en": "mean deviation in sigmas"},
            {"ru": "Малая вероятность значит: непривычных сочетаний ответов в группе больше.",
             "en": "A small probability means: more unusual patterns in the group."},
        ),
        _group(
            "variance_collapse", "variation",
            {"ru": "Малый разброс баллов", "en": "Small spread of scores"},
            {"ru": "разброс таков же, как у групп с тем же средним",
             "en": "the spread is that of groups with the same mean"},
            {"ru": "доля обычного разброса", "en": "share of the usual spread"},
            {"ru": "Малая вероятность значит: результаты группы необычно похожи.",
             "en": "A small probability means: results of the group are unusually alike."},
        ),
        _group(
            "shared_wrong", "similarity",
            {"ru": "Одинаковые неверные ответы в группе", "en": "Shared wrong answers in a group"},
            {"ru": "при своём уровне каждый ошибался независимо от других",
             "en": "each erred independently of the others, by own ability"},
            {"ru": "во сколько раз больше ожидаемого", "en": "times the expectation"},
            {"ru": "Малая вероятность значит: неверные ответы в группе совпадают чаще ожидаемого.",
             "en": "A small probability means: wrong answers agree more often than expected."},
        ),
        _group(
            "easy_hard", "pattern",
            {"ru": "Лёгкие хуже, трудные лучше", "en": "Easy worse, hard better"},
            {"ru": "при том же балле лёгкие и трудные задания решают как все",
             "en": "at equal scores easy and hard items are solved as by all"},
            {"ru": "перевес трудных над лёгкими", "en": "hard over easy"},
            {"ru": "Малая вероятность значит: трудные задания решены лучше, а лёгкие хуже, чем у "
             "других с тем же баллом.",
             "en": "A small probability means: hard items are solved better and easy ones worse "
             "than by others with the same score."},
        ),
        _group(
            "fixed_band", "level",
            {"ru": "Доли отметок вне заданных границ", "en": "Shares of marks outside fixed limits"},
            {"ru": "доля отметок лежит на границе", "en": "the share of the mark is at the limit"},
            {"ru": "выход за границу, процентных пунктов", "en": "beyond the limit, points"},
            {"ru": "Малая вероятность значит: отметок «2» меньше или «5» больше, чем задано. Границы "
             "одни на всех, поэтому сильный класс выходит за них первым.",
             "en": "A small probability means: fewer marks 2 or more marks 5 than set. The limits "
             "are the same for all, so a strong class leaves them first."},
        ),
        _group(
            "integrity", "pattern",
            {"ru": "Доля непривычных работ", "en": "Share of unusual works"},
            {"ru": "непривычных работ столько же, сколько везде",
             "en": "unusual works are as frequent as everywhere"},
            {"ru": "доля сверх общей", "en": "share above that of all"},
            {"ru": "Малая вероятность значит: работ с непривычным сочетанием ответов больше, чем "
             "везде.",
             "en": "A small probability means: more works with an unusual combination of answers "
             "than elsewhere."},
        ),
        _group(
            "wrong_to_right", "variation",
            {"ru": "Исправления на верный ответ", "en": "Changes to the right answer"},
            {"ru": "исправления верны так же часто, как у всех",
             "en": "changes are right as often as everywhere"},
            {"ru": "исправлений сверх ожидания на работу", "en": "changes above expectation a work"},
            {"ru": "Малая вероятность значит: исправлений на верный ответ больше обычного.",
             "en": "A small probability means: more changes to right than usual."},
        ),
        _group(
            "gain", "history",
            {"ru": "Скачок относительно прошлого", "en": "Gain over the past"},
            {"ru": "результат следует из прошлого, как у всех групп",
             "en": "the result follows from the past one as for all groups"},
            {"ru": "сверх ожидаемого", "en": "above expectation"},
            {"ru": "Малая вероятность значит: результат вырос сильнее, чем у групп с таким же "
             "прошлым.",
             "en": "A small probability means: the result rose more than for groups with the same "
             "past."},
        ),
        _group(
            "over_years", "history",
            {"ru": "Год, который выделяется среди лет группы", "en": "A year unlike the others"},
            {"ru": "год группы отличается от её других лет не больше, чем это бывает у всех",
             "en": "the year differs from the others of the group as years of all groups do"},
            {"ru": "сверх ожидаемого по другим годам", "en": "above what other years let expect"},
            {"ru": "Малая вероятность значит: в этом году результат выше, чем следует из других "
             "лет той же группы.",
             "en": "A small probability means: this year is above what the other years of the "
             "group let expect."},
        ),
        _group(
            "confirmation", "history",
            {"ru": "Расхождение двух работ той же группы", "en": "Two measurements disagree"},
            {"ru": "обе работы меряют одно и то же", "en": "both measure the same"},
            {"ru": "разность в сигмах групп", "en": "difference in sigmas of groups"},
            {"ru": "Малая вероятность значит: высокий результат второй работой не подтверждён.",
             "en": "A small probability means: the second does not confirm the high result."},
        ),
    )
}  # fmt: skip
