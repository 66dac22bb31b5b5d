"""The map of the management cycle: goals → indicators → … → effect, and where its chain is broken.

A gap found here is a candidate: whether points are taken off is a person's decision, recorded with
an explanation. D4, D5 and D6 are told from the map itself; D3 follows from an indicator a person
has called ineffective; D1 and D2 are judgements no map can make.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from merilo.law import Reason, Refusal, Source
from merilo.law.refusal import _

from .expertise import DeductionCode, points_off
from .tree import COMPONENT_NAMES, Component

ORDER = tuple(Component)


@dataclass(frozen=True)
class NodeFacts:
    """One thing in a track's cycle: a goal, an indicator, a survey.

    `from_schools`: it collects information from schools; `needs`: it holds data on the needs of
    pupils in additional education; `called`: what a person decided of it (D1 or D2).
    """

    id: int
    kind: Component
    title: str
    from_schools: bool = False
    needs: bool = False
    called: frozenset[DeductionCode] = frozenset()


@dataclass(frozen=True)
class TrackMap:
    """What a municipality drew for one track; arrows go from the earlier to the later part."""

    nodes: tuple[NodeFacts, ...]
    arrows: frozenset[tuple[int, int]]
    abilities_track: bool = False

    def of(self, *kinds: Component) -> list[NodeFacts]:
        return [one for one in self.nodes if one.kind in kinds]


class GapKind(StrEnum):
    GOAL_WITHOUT_INDICATOR = "goal-without-indicator"
    INDICATOR_WITHOUT_GOAL = "indicator-without-goal"
    INDICATOR_WITHOUT_MONITORING = "indicator-without-monitoring"
    MONITORING_WITHOUT_INDICATOR = "monitoring-without-indicator"
    MONITORING_WITHOUT_ANALYSIS = "monitoring-without-analysis"
    ANALYSIS_WITHOUT_INDICATOR = "analysis-without-indicator"
    OUTSIDE_CYCLE = "outside-cycle"
    INEFFECTIVE_MONITORED = "ineffective-monitored"
    ANALYSIS_WITHOUT_MEASURE = "analysis-without-measure"
    MEASURE_WITHOUT_DECISION = "measure-without-decision"
    MEASURE_WITHOUT_EFFECT = "measure-without-effect"
    NO_NEEDS_DATA = "no-needs-data"


GAP_WORDS: Mapping[GapKind, str] = {
    GapKind.GOAL_WITHOUT_INDICATOR: _("у цели нет показателя"),
    GapKind.INDICATOR_WITHOUT_GOAL: _("показатель не связан с целью"),
    GapKind.INDICATOR_WITHOUT_MONITORING: _("показатель не отслеживают: нет мониторинга"),
    GapKind.MONITORING_WITHOUT_INDICATOR: _("мониторинг не связан ни с одним показателем"),
    GapKind.MONITORING_WITHOUT_ANALYSIS: _("результаты мониторинга не анализируют"),
    GapKind.ANALYSIS_WITHOUT_INDICATOR: _("анализ не опирается ни на один показатель"),
    GapKind.OUTSIDE_CYCLE: _("у школ собирают сведения, которых не требует ни один показатель"),
    GapKind.INEFFECTIVE_MONITORED: _("мониторинг или анализ неэффективного показателя"),
    GapKind.ANALYSIS_WITHOUT_MEASURE: _("из анализа не следует ни рекомендация, ни мера"),
    GapKind.MEASURE_WITHOUT_DECISION: _("мера без управленческого решения"),
    GapKind.MEASURE_WITHOUT_EFFECT: _("эффективность меры не оценивают"),
    GapKind.NO_NEEDS_DATA: _("нет данных о потребностях обучающихся в дополнительном образовании"),
}
# The ground of deduction a gap is a candidate for; the other gaps break the cycle, cost nothing.
CANDIDATE_FOR: Mapping[GapKind, DeductionCode] = {
    GapKind.INEFFECTIVE_MONITORED: DeductionCode.D3,
    GapKind.OUTSIDE_CYCLE: DeductionCode.D4,
    GapKind.INDICATOR_WITHOUT_MONITORING: DeductionCode.D5,
    GapKind.MONITORING_WITHOUT_INDICATOR: DeductionCode.D5,
    GapKind.ANALYSIS_WITHOUT_INDICATOR: DeductionCode.D5,
    GapKind.NO_NEEDS_DATA: DeductionCode.D6,
}


@dataclass(frozen=True)
class Gap:
    """A break of the chain at a node, or of the whole track where `node` is None."""

    kind: GapKind
    node: NodeFacts | None = None

    @property
    def candidate(self) -> DeductionCode | None:
        return CANDIDATE_FOR.get(self.kind)

    @property
    def source(self) -> Source | None:
        return points_off() if self.candidate else None


def gaps(drawn: TrackMap) -> list[Gap]:
    """Every break of the drawn cycle, in the order of its parts. An empty map has no gaps to tell.

    A part is joined to a kind when a path of arrows leads there: an indicator by a method to its
    monitoring, an analysis by the monitoring back to its indicator.
    """
    if not drawn.nodes:
        return []
    after, before = _reach(drawn.arrows), _reach((to, here) for here, to in drawn.arrows)
    ids = {kind: {one.id for one in drawn.of(kind)} for kind in Component}

    def lacks(node: NodeFacts, reach: Mapping[int, set[int]], *kinds: Component) -> bool:
        return not any(reach.get(node.id, set()) & ids[kind] for kind in kinds)

    found: list[Gap] = []
    for kind, reach, wanted, gap in _RULES:
        ahead = after if reach == "after" else before
        found += [Gap(gap, one) for one in drawn.of(kind) if lacks(one, ahead, *wanted)]
    for one in drawn.of(Component.METHODS, Component.MONITORING):
        if one.from_schools and lacks(one, before, Component.INDICATORS):
            found.append(Gap(GapKind.OUTSIDE_CYCLE, one))
    ineffective = {one.id for one in drawn.nodes if DeductionCode.D2 in one.called}
    for one in drawn.of(Component.MONITORING, Component.ANALYSIS):
        if before.get(one.id, set()) & ineffective:
            found.append(Gap(GapKind.INEFFECTIVE_MONITORED, one))
    if drawn.abilities_track and not any(one.needs for one in drawn.nodes):
        found.append(Gap(GapKind.NO_NEEDS_DATA))
    return sorted(found, key=_place)


_RULES: tuple[tuple[Component, str, tuple[Component, ...], GapKind], ...] = (
    (Component.GOALS, "after", (Component.INDICATORS,), GapKind.GOAL_WITHOUT_INDICATOR),
    (Component.INDICATORS, "before", (Component.GOALS,), GapKind.INDICATOR_WITHOUT_GOAL),
    (Component.INDICATORS, "after", (Component.MONITORING,), GapKind.INDICATOR_WITHOUT_MONITORING),
    (
        Component.MONITORING,
        "before",
        (Component.INDICATORS,),
        GapKind.MONITORING_WITHOUT_INDICATOR,
    ),
    (Component.MONITORING, "after", (Component.ANALYSIS,), GapKind.MONITORING_WITHOUT_ANALYSIS),
    (Component.ANALYSIS, "before", (Component.INDICATORS,), GapKind.ANALYSIS_WITHOUT_INDICATOR),
    (
        Component.ANALYSIS,
        "after",
        (Component.RECOMMENDATIONS, Component.MEASURES),
        GapKind.ANALYSIS_WITHOUT_MEASURE,
    ),
    (Component.MEASURES, "after", (Component.DECISIONS,), GapKind.MEASURE_WITHOUT_DECISION),
    (Component.MEASURES, "after", (Component.EFFECT,), GapKind.MEASURE_WITHOUT_EFFECT),
)


def _reach(arrows: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """Everything that can be come to from each node."""
    next_to: dict[int, set[int]] = {}
    for here, to in arrows:
        next_to.setdefault(here, set()).add(to)
    reach: dict[int, set[int]] = {}
    for start in next_to:
        seen: set[int] = set()
        waiting = list(next_to[start])
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += next_to.get(one, ())
        reach[start] = seen
    return reach


def _place(gap: Gap) -> tuple[int, int]:
    if gap.node is None:
        return len(ORDER), 0
    return ORDER.index(gap.node.kind), gap.node.id


# ── Drawing the map ──────────────────────────────────────────────────────────────────────────

NO_TITLE = Reason(
    "mechanisms.cycle-no-title", _("Назовите эту часть цикла так, как она названа в документе.")
)
BACKWARDS = Reason(
    "mechanisms.cycle-backwards",
    _(
        "Связь ведёт от более ранней части цикла к более поздней: «%(here)s» не может вести к "
        "«%(to)s»."
    ),
)
OTHER_TRACK = Reason("mechanisms.cycle-other-track", _("Связать можно только части одного трека."))
JOINED_ALREADY = Reason("mechanisms.cycle-joined-already", _("Эти части уже связаны."))
MAP_CLOSED = Reason(
    "mechanisms.cycle-closed",
    _("Материалы поданы: карту цикла больше не меняют. Её смотрят эксперты."),
)
NOT_A_CANDIDATE = Reason(
    "mechanisms.not-a-candidate",
    _("Такого разрыва на карте нет, или снятия баллов за него источник не называет."),
)


def reasons_against_node(title: str, *, open_now: bool) -> Iterator[Refusal]:
    """Why a part may not be put on the map."""
    if not open_now:
        yield MAP_CLOSED()
    if not title.strip():
        yield NO_TITLE()


def reasons_against_arrow(
    here: Component,
    to: Component,
    *,
    one_track: bool,
    joined: bool,
    open_now: bool,
) -> Iterator[Refusal]:
    """Why two parts may not be joined."""
    if not open_now:
        yield MAP_CLOSED()
    if not one_track:
        yield OTHER_TRACK()
    if ORDER.index(here) >= ORDER.index(to):
        yield BACKWARDS(here=COMPONENT_NAMES[here], to=COMPONENT_NAMES[to])
    if joined:
        yield JOINED_ALREADY()


NO_EXPLANATION_OF_RULING = Reason(
    "mechanisms.ruling-unexplained",
    _("Объясните, почему баллы снимаются или не снимаются: решение остаётся за вами."),
)


class Judgement(StrEnum):
    """What only a person can say of an indicator, with its ground of deduction."""

    NEGATIVE = "negative"
    INEFFECTIVE = "ineffective"


JUDGED: Mapping[Judgement, DeductionCode] = {
    Judgement.NEGATIVE: DeductionCode.D1,
    Judgement.INEFFECTIVE: DeductionCode.D2,
}
NOT_AN_INDICATOR = Reason(
    "mechanisms.not-an-indicator",
    _("Неэффективным или вредным называют показатель. Это другая часть цикла."),
)


def reasons_against_judging(component: Component, *, explanation: str) -> Iterator[Refusal]:
    """Why a person may not call this part ineffective or harmful."""
    if component != Component.INDICATORS:
        yield NOT_AN_INDICATOR(points_off())
    if not explanation.strip():
        yield NO_EXPLANATION_OF_RULING()


def reasons_against_ruling(
    found: Collection[Gap], kind: GapKind, node: int | None, *, explanation: str
) -> Iterator[Refusal]:
    """Why a person may not decide on this candidate: it must be there, and be explained."""
    there = any(
        gap.kind == kind and (gap.node.id if gap.node else None) == node and gap.candidate
        for gap in found
    )
    if not there:
        yield NOT_A_CANDIDATE()
    if not explanation.strip():
        yield NO_EXPLANATION_OF_RULING()
