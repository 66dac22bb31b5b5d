"""The bookmark method: a booklet ordered by difficulty, and pages where mastery ends.

A page stands for an item and a score of it, placed at the ability where P(score or more) reaches the
response probability (Lewis, Mitzel & Green 1996; Mitzel, Lewis, Patz & Green 2001; Huynh 1998 for
scores of many points). For a Rasch item at RP the place is δ + ln(RP / (1 − RP)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from merilo_psychometrics.curves import category_probabilities, test_characteristic
from merilo_psychometrics.errors import BadData, NotIdentified, TooFewPersons, WrongSettings
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance, digest

from .results import Bookmark, BookmarkPage, Cut

Array = NDArray[np.float64]
FARTHEST = 60.0  # logits
Convention = Literal["bookmarked", "before", "between"]
Centre = Literal["median", "mean"]


def ordered_booklet(
    parameters: ItemParameters,
    *,
    response_probability: float = 2 / 3,
    without_guessing: bool = True,
) -> tuple[BookmarkPage, ...]:
    """Pages in rising order of place. `without_guessing` takes the guessing out of 3PL items.

    Raises `NotIdentified` naming items that cannot reach the response probability. Lewis, Mitzel &
    Green (1996); scores of several points: Huynh (1998).
    A page lies where P(score ≥ s | θ) = RP; for a Rasch item θ = δ + ln(RP/(1 − RP)). Raises also
    `WrongSettings`.
    """
    if not 0.0 < response_probability < 1.0:
        raise WrongSettings(
            f"Вероятность ответа {response_probability} вне (0, 1).",
            f"response_probability {response_probability} outside (0, 1).",
        )
    if without_guessing and parameters.guessing.any():
        parameters = ItemParameters(
            parameters.items, parameters.slope, parameters.thresholds,
            np.zeros(len(parameters.items)),
        )  # fmt: skip
    found = []
    for row, item in enumerate(parameters.items):
        if parameters.guessing[row] >= response_probability:
            raise NotIdentified(
                f"Задание {item.id} угадывают чаще, чем требует критерий: места на шкале нет.",
                f"Item {item.id} is guessed more often than the criterion asks.",
                items=[item.id],
            )
        one = parameters.only([item.id])
        for step in range(1, len(item.scores)):

            def short(theta: float, one: ItemParameters = one, step: int = step) -> float:
                chance = category_probabilities(one, theta)[0, 0]
                return float(chance[step:].sum()) - response_probability

            place = brentq(short, -FARTHEST, FARTHEST, xtol=1e-12)
            found.append((float(place), item.id, item.scores[step]))
    found.sort()
    return tuple(BookmarkPage(n, name, score, place) for n, (place, name, score) in
                 enumerate(found, 1))  # fmt: skip


def set_bookmark(
    parameters: ItemParameters,
    bookmarks: Mapping[str, ArrayLike],
    *,
    response_probability: float = 2 / 3,
    without_guessing: bool = True,
    convention: Convention = "bookmarked",
    centre: Centre = "median",
) -> Bookmark:
    """Find cuts from the pages the panelists marked: `bookmarks[level]` [panelists], pages from 1.

    A bookmark stands on the first page a borderline person has not mastered. `convention`: the cut
    is the place of that page ("bookmarked"), of the page before, or half way between. The panel's
    cut is the median (SE 1.2533·sd/√n) or the mean (sd/√n) of the panelists' cuts, logits. Levels
    must rise. Raises `BadData` for pages that do not exist, `TooFewPersons`, `NotIdentified` when
    the cuts of two levels do not rise. Mitzel, Lewis, Patz & Green (2001).
    """
    pages = ordered_booklet(
        parameters,
        response_probability=response_probability,
        without_guessing=without_guessing,
    )
    places = np.array([page.location for page in pages])
    cuts, own = [], {}
    for level, marked in bookmarks.items():
        numbers = np.asarray(marked)
        lowest = 1 if convention == "bookmarked" else 2
        bad = (numbers < lowest) | (numbers > len(pages)) | (numbers != np.floor(numbers))
        if bad.any():
            raise BadData(
                f"Уровень {level}: закладок на страницах {numbers[bad].tolist()} быть не может, "
                f"страницы от {lowest} до {len(pages)}.",
                f"Level {level}: pages {numbers[bad].tolist()} outside {lowest} … {len(pages)}.",
            )
        if len(numbers) < 2:
            raise TooFewPersons(
                f"Уровень {level}: закладка одна, ошибку порога не узнать. Нужны хотя бы два "
                "эксперта.",
                f"Level {level}: two panelists are needed.",
            )
        index = numbers.astype(int) - 1
        at = {
            "bookmarked": places[index],
            "before": places[index - 1],
            "between": (places[index] + places[index - 1]) / 2,
        }[convention]
        spread = float(at.std(ddof=1)) / np.sqrt(len(at))
        if centre == "median":
            # The median of a normal sample is √(π/2) times less sure than its mean.
            cuts.append(Cut(level, float(np.median(at)), float(np.sqrt(np.pi / 2) * spread),
                            "logits"))  # fmt: skip
        else:
            cuts.append(Cut(level, float(at.mean()), float(spread), "logits"))
        own[level] = at
    _require_rising(cuts)
    settings = {
        "response_probability": response_probability,
        "without_guessing": without_guessing,
        "convention": convention,
        "centre": centre,
    }
    points = test_characteristic(parameters, [cut.value for cut in cuts])
    held = [parameters.slope, parameters.thresholds, *(np.asarray(v) for v in bookmarks.values())]
    return Bookmark(
        pages,
        tuple(cuts),
        tuple(float(value) for value in points),
        own,
        Provenance("set_bookmark", digest(held), settings),
    )


def _require_rising(cuts: Sequence[Cut]) -> None:
    for low, high in zip(cuts, cuts[1:], strict=False):
        if high.value <= low.value:
            raise NotIdentified(
                f"Порог уровня «{high.level}» не выше порога уровня «{low.level}». Проверьте порядок "
                "уровней или проведите ещё один тур.",
                f"The cut of {high.level} is not above that of {low.level}.",
            )
