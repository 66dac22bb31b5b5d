"""DIF in a survey: works that stand for unequal numbers of people, drawn by whole schools."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import t as student

from merilo_psychometrics.errors import BadData, TooFewPersons, WrongSettings, listed
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses

from . import contingency
from .tables import Array, Dif, stacked

# Of fewer the spread is hardly known.
LEAST_CLUSTERS = 10


def survey_dif(
    responses: Responses,
    grouping: str,
    *,
    reference: str,
    focal: str | Sequence[str] | None = None,
    clusters: str | None = None,
    least: int = 20,
) -> Dif:
    """Difference at equal totals with survey weights, its error from the design of the survey.

    The statistic of `standardisation` with weights w and strata s (booklet × total),

        θ = Σ_s W_Fs·(m_Fs − m_Rs) / W_F,

    W sums of weights, m weighted means of the item in the focal and the reference group, over the
    strata both have. Its variance by linearisation (Särndal, Swensson & Wretman 1992, ch. 5):
    V = C/(C − 1)·Σ_clusters (Σ z)², with z = w·(x − m_Rs − θ)/W_F for a focal work and
    z = −w·(x − m_Rs)·W_Fs/(W_Rs·W_F) for one of the reference group. `clusters` is the grouping
    that was drawn (school); without it every work is drawn by itself. The statistic is θ²/V, p by
    Student's t with C − 1 degrees; the effect is θ as a share of the full score, classes A/B/C at
    0.05 and 0.10 (Dorans & Kulick 1986). Weights may be on any scale. Raises `TooFewPersons` under
    `least` works or ten clusters in a group, `BadData`, `WrongSettings`, `UntreatedOmissions`.
    """
    responses.require_treated("survey_dif")
    names = responses.group_names(grouping)
    others = [name for name in names if name != reference]
    chosen = others if focal is None else [focal] if isinstance(focal, str) else list(focal)
    unknown = [name for name in (reference, *chosen) if name not in names]
    if unknown or reference in chosen:
        raise WrongSettings(
            f"В группировке «{grouping}» нет групп {', '.join(unknown) or 'кроме опорной'}; есть: "
            f"{', '.join(names)}.",
            f"Groups {unknown or chosen} are not to be compared in {grouping!r}.",
        )
    drawn, many = _clusters(responses, clusters)
    codes = [block.groups[grouping] for block in responses.blocks]
    works = np.bincount(np.concatenate(codes) + 1, minlength=len(names) + 1)[1:]
    few = [name for name in (reference, *chosen) if works[names.index(name)] < least]
    if few or many < LEAST_CLUSTERS:
        raise TooFewPersons(
            f"Для сравнения нужно не меньше {least} работ в группе и десяти отобранных школ "
            f"(кластеров); мало: {', '.join(few) or 'кластеров'}.",
            f"{least} works a group and ten clusters are needed; too few: {few or 'clusters'}.",
        )
    if clusters is not None:
        _require_clusters(codes, drawn, {name: names.index(name) for name in (reference, *chosen)})
    settings = {"reference": reference, "clusters": clusters, "least": least}
    provenance = Provenance("survey_dif", responses.data_hash, settings)
    return stacked([
        _one(responses, codes, drawn, many, (names.index(reference), names.index(name)),
             (reference, name), works, provenance)
        for name in chosen
    ])  # fmt: skip


def _require_clusters(
    codes: list[NDArray[np.int32]], drawn: list[NDArray[np.int64]], groups: dict[str, int]
) -> None:
    """A group that is one school or a few has no spread between schools to take its error from."""
    group, cluster = np.concatenate(codes), np.concatenate(drawn)
    few = [name for name, code in groups.items()
           if len(np.unique(cluster[group == code])) < LEAST_CLUSTERS]  # fmt: skip
    if few:
        raise TooFewPersons(
            f"В группах {listed(few)} меньше десяти отобранных школ (кластеров): разброс между ними, "
            "а с ним и ошибку, не узнать. Объедините группы или назовите более мелкие кластеры.",
            f"Groups {listed(few)} hold fewer than ten clusters: no error can be told. Merge groups, "
            "or name smaller clusters.",
        )


def _clusters(responses: Responses, clusters: str | None) -> tuple[list[NDArray[np.int64]], int]:
    """Number of the cluster of every work, an array a block, and how many there are."""
    if clusters is None:
        ends = np.cumsum([0, *(len(block) for block in responses.blocks)])
        return [np.arange(a, b) for a, b in zip(ends, ends[1:], strict=False)], int(ends[-1])
    codes = [block.groups[clusters].astype(np.int64) for block in responses.blocks]
    if any((part < 0).any() for part in codes):
        raise BadData(
            f"Есть работы, у которых «{clusters}» не указано: без него ошибку не найти.",
            f"Some works have no {clusters!r}.",
        )
    return codes, len(np.unique(np.concatenate(codes)))


def _one(
    responses: Responses,
    codes: list[NDArray[np.int32]],
    drawn: list[NDArray[np.int64]],
    many: int,
    pair: tuple[int, int],
    named: tuple[str, str],
    works: NDArray[np.int64],
    provenance: Provenance,
) -> Dif:
    design = responses.design
    size = len(design.items)
    top, mass = np.zeros(size), np.zeros(size)
    parts = []
    for booklet, block, code, total in zip(
        design.booklets, responses.blocks, codes, responses.totals(), strict=True
    ):
        weight = np.ones(len(block)) if block.weights is None else np.asarray(block.weights, float)
        sums = [_by_total(block.scores, total, np.where(code == g, weight, 0.0)) for g in pair]
        both = (sums[0][0] > 0) & (sums[1][0] > 0)
        safe = [np.where(both, held, 1.0) for held, _ in sums]
        mean = [points / held[:, None] for (_, points), held in zip(sums, safe, strict=True)]
        focal = np.where(both, sums[1][0], 0.0)
        top[booklet.items] += focal @ (mean[1] - mean[0])
        mass[booklet.items] += focal.sum()
        parts.append((booklet.items, block, code, total, weight, both, mean[0], focal / safe[0]))
    with np.errstate(divide="ignore", invalid="ignore"):
        theta = np.where(mass > 0, top / mass, np.nan)
    height = 1 + max(int(part.max(initial=0)) for part in drawn)
    by_cluster = np.zeros((height, size))
    for cluster, (items, block, code, total, weight, both, mean_r, ratio) in zip(
        drawn, parts, strict=True
    ):
        used = both[total]
        away = block.scores - mean_r[total]
        focal_z = np.where(used & (code == pair[1]), weight, 0.0)[:, None] * (away - theta[items])
        other_z = np.where(used & (code == pair[0]), weight * ratio[total], 0.0)[:, None] * away
        rows = np.arange(len(cluster))
        gather = csr_matrix((np.ones(len(rows)), (cluster, rows)), shape=(height, len(rows)))
        by_cluster[:, items] += gather @ (focal_z - other_z)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = many / (many - 1.0) * (by_cluster**2).sum(axis=0) / mass**2
        full = design.max_scores.astype(float)
        error = np.where(variance > 0, np.sqrt(variance), np.nan)
        z = theta / error
    effect = theta / full
    return Dif(
        "survey_dif", named[0], (named[1],), tuple(item.id for item in design.items),
        (z**2)[None], np.ones(size, np.int64), np.asarray(2 * student.sf(np.abs(z), many - 1))[None],
        effect[None], (error / full)[None], "share of the full score, focal − reference",
        contingency.difference_classes(effect)[None], "Dorans & Holland",
        works[list(pair)].astype(float)[None], {"smd": theta[None], "smd_se": error[None]}, ((),),
        provenance,
    )  # fmt: skip


def _by_total(
    scores: NDArray[np.int8], total: NDArray[np.int64], weight: Array
) -> tuple[Array, Array]:
    """Sum of weights and of weighted scores of every total, [M + 1] and [M + 1, items]."""
    height = 1 + int(total.max(initial=0))
    rows = np.arange(len(total))
    gather = csr_matrix((weight, (total, rows)), shape=(height, len(rows)))
    held = np.bincount(total, weights=weight, minlength=height).astype(np.float64)
    return held, np.asarray(gather @ scores.astype(float))
