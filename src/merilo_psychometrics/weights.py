"""Weights of works: numbers of equal works, or of a survey, and where either has a meaning.

An estimate of parameters takes both alike. A test does not: a χ² of weighted shares is a weighted
sum of χ²₁ (Rao & Scott 1981, JASA 76, 221–230), so a test counts works one by one. And evidence on
works that are there has no use for a weight that speaks of works not drawn: it is conditional on
what makes the draw informative (Pfeffermann 1993, Int. Stat. Rev. 61, 317–337, §4).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .errors import WrongSettings
from .responses import Responses

MOST_WORKS = 50_000_000


class WeightedWorks(WrongSettings):
    """A verb that counts works one by one was given weights."""

    def __init__(self, russian: str, english: str) -> None:
        super().__init__(
            f"{russian} Если вес — число одинаковых работ в строке, разверните их (one_by_one); если "
            "это вес выборки, уберите столбец веса.",
            f"{english} Where a weight is a number of equal works, spread them (one_by_one); take "
            "weights of a survey out.",
        )


def require_unweighted(responses: Responses, russian: str, english: str) -> None:
    """Raise `WeightedWorks` with the reason of the verb when works have weights."""
    if any(block.weights is not None for block in responses.blocks):
        raise WeightedWorks(russian, english)


def one_by_one(responses: Responses) -> Responses:
    """Spread a table of patterns: a row of weight n becomes n works, a row of weight 0 none.

    To be asked for only where weights are numbers of equal works. Order and names of the rows stay.
    Raises `WrongSettings` for weights that are no whole numbers, or more than 50 million works.
    """
    blocks = []
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        if block.weights is None:
            blocks.append(block)
            continue
        if (block.weights != np.floor(block.weights)).any():
            raise WrongSettings(
                f"В варианте {booklet.id} есть дробные веса: это не число одинаковых работ. Уберите "
                "столбец веса или не разворачивайте строки (one_by_one, --counted).",
                f"Booklet {booklet.id} has fractional weights: no numbers of equal works.",
            )
        if block.weights.sum() > MOST_WORKS:
            raise WrongSettings(
                f"В варианте {booklet.id} по весам {block.weights.sum():.0f} работ, а развернуть можно "
                f"до {MOST_WORKS}. Скорее всего это вес выборки: уберите его.",
                f"Booklet {booklet.id} would have {block.weights.sum():.0f} works.",
            )
        rows = np.repeat(np.arange(len(block)), block.weights.astype(np.int64))
        blocks.append(replace(block.take(rows), weights=None))
    return replace(responses, blocks=tuple(blocks))
