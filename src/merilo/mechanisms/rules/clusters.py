"""Clusters of municipalities: a region's own way to compare the like with the like.

No federal rule of clusters exists, so a dimension («тип муниципалитета») and its clusters («городские
округа», «сельские») are free words of the region. A municipality is in one cluster of a dimension
or in none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from merilo.law import Reason, Refusal
from merilo.law.refusal import _

from .results import HIDDEN, OpenRow
from .states import CycleState

DIMENSION_NEEDED = Reason(
    "mechanisms.dimension-needed",
    _("Назовите, по чему муниципалитеты делятся на кластеры, например «тип муниципалитета»."),
)
CLUSTERS_SETTLED = Reason(
    "mechanisms.clusters-settled",
    _("Цикл завершён: кластеры в нём больше не меняют, иначе их подобрали бы под готовые итоги."),
)
CLUSTER_OF_ONE = Reason(
    "mechanisms.cluster-of-one",
    _("В кластере «%(cluster)s» один муниципалитет: внутри кластера его не с кем сравнить."),
    warning=True,
)
CHOSEN_AFTER_MARKS = Reason(
    "mechanisms.clusters-after-marks",
    _("Экспертиза уже идёт или прошла. Кластеры честнее называть до неё: так видно, что их не "
      "подбирали под баллы. Время изменения записано в журнал."),
    warning=True,
)  # fmt: skip
NOTHING_TO_COPY = Reason(
    "mechanisms.clusters-nothing-to-copy",
    _("В прежних циклах нет делений, которых нет в этом: назовите деление и кластеры сами."),
)
BEFORE_MARKS = (CycleState.PREPARING, CycleState.OPEN, CycleState.CLOSED)


def in_one_spelling(said: Mapping[int, str]) -> dict[int, str]:
    """The cluster of each municipality that has one; words differing in case are one cluster."""
    spelling: dict[str, str] = {}
    found = {}
    for municipality, words in said.items():
        plain = " ".join(words.split())
        if plain:
            found[municipality] = spelling.setdefault(plain.casefold(), plain)
    return found


def reasons_against_clusters(
    state: CycleState, *, dimension: str, clusters: Mapping[int, str]
) -> Iterator[Refusal]:
    """Why a dimension is not kept as it was typed; warnings of what it is worth."""
    if state is CycleState.FINAL:
        yield CLUSTERS_SETTLED()
    elif state not in BEFORE_MARKS:
        yield CHOSEN_AFTER_MARKS()
    if not dimension.strip():
        yield DIMENSION_NEEDED()
    for cluster, members in Counter(clusters.values()).items():
        if members == 1:
            yield CLUSTER_OF_ONE(cluster=cluster)


def open_names(rows: Sequence[OpenRow], clusters: Mapping[str, str]) -> dict[str, str]:
    """The units beside which everybody may read the cluster's name.

    Only units whose numbers are shown, and no cluster of which exactly one unit is hidden: the
    cluster's mean and the rest would give that one away.
    """
    hidden = {row.unit for row in rows} - {row.unit for row in rows if row.percent is not HIDDEN}
    lonely = _once(clusters[unit] for unit in hidden if unit in clusters)
    return {
        unit: cluster
        for unit, cluster in clusters.items()
        if unit not in hidden and cluster not in lonely
    }


def _once(names: Iterable[str]) -> set[str]:
    return {name for name, times in Counter(names).items() if times == 1}
