"""Who scores whose materials: conflicts of interest, and a balanced assignment to look at first.

What is assigned is a portion: one direction of one municipality's submission. An expert reads a
portion whole, so that one document is judged once by one head. The assignment is a proposal; an
operator of the region looks at it and confirms it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import combinations

from merilo.law import Reason, Refusal, Value
from merilo.law.refusal import _

OWN_MUNICIPALITY = Reason(
    "mechanisms.own-municipality",
    _(
        "Эксперт работает в этом муниципалитете (%(municipality)s). Материалы своего "
        "муниципалитета не оценивают: выберите другого эксперта."
    ),
)
DECLARED_TIE = Reason(
    "mechanisms.declared-tie",
    _(
        "Эксперт заявил о связи с этим муниципалитетом (%(municipality)s). Выберите другого "
        "эксперта."
    ),
)
OTHER_SUBJECT = Reason(
    "mechanisms.other-subject",
    _(
        "Эксперт не указан как специалист по направлению %(direction)s. Выберите другого эксперта "
        "или дополните его направления в списке экспертов."
    ),
)
APPOINTED_ALREADY = Reason(
    "mechanisms.appointed-already",
    _("Этот эксперт уже назначен на это направление муниципалитета. Выберите другого."),
)
RUNS_THE_CYCLE = Reason(
    "mechanisms.runs-the-cycle",
    _(
        "Эксперт сам ведёт этот цикл как сотрудник региона. Это возможный конфликт интересов: "
        "назначьте другого эксперта или будьте готовы объяснить выбор муниципалитету."
    ),
    warning=True,
)
TOO_FEW_EXPERTS = Reason(
    "mechanisms.too-few-experts",
    _(
        "%(municipality)s, направление %(direction)s: экспертов без конфликта интересов "
        "%(found)s, нужно %(needed)s. Включите в список экспертов ещё людей."
    ),
)
NOT_APPOINTED = Reason(
    "mechanisms.experts-not-appointed",
    _(
        "%(municipality)s, направление %(direction)s: назначено экспертов %(found)s, нужно "
        "%(needed)s. Назначьте недостающих."
    ),
)
LOAD_EXCEEDED = Reason(
    "mechanisms.load-exceeded",
    _(
        "У эксперта будет %(load)s позиций, а он готов принять не больше %(most)s. Распределите "
        "работу иначе или согласуйте с ним нагрузку."
    ),
    warning=True,
)
RULED_ALREADY = Reason(
    "mechanisms.ruled-already",
    _(
        "Эксперт уже принял решения на карте этого направления. Снять его нельзя: решения хранятся. "
        "Назначьте третьего эксперта, если сомневаетесь в них."
    ),
)
MARKED_ALREADY = Reason(
    "mechanisms.marked-already",
    _(
        "Эксперт уже поставил баллы по этому направлению. Снять его нельзя: оценки хранятся. "
        "Назначьте третьего эксперта, если сомневаетесь в них."
    ),
)


@dataclass(frozen=True)
class ExpertFacts:
    """An expert as the assignment sees him; municipalities are ids of their МОУО.

    `own`: where he works or lives by his other positions; `ties`: what he declared himself.
    `directions`: codes he is a specialist in, empty for all. `most`: how many positions of
    assessment he takes, None where he named no limit.
    """

    id: int
    own: frozenset[int] = frozenset()
    ties: frozenset[int] = frozenset()
    directions: frozenset[str] = frozenset()
    most: int | None = None
    runs_the_cycle: bool = False


@dataclass(frozen=True)
class Portion:
    """One direction of one submission; `size` is its number of positions to score."""

    submission: int
    direction: str
    municipality: int
    municipality_name: str
    size: int

    @property
    def key(self) -> tuple[int, str]:
        return self.submission, self.direction


Held = Mapping[tuple[int, str], frozenset[int]]  # portion key → experts that have it already


def reasons_against_appointment(
    expert: ExpertFacts, portion: Portion, *, appointed: Iterable[int] = ()
) -> Iterator[Refusal]:
    """Why this expert may not score this portion; a warning lets it happen."""
    name = portion.municipality_name
    if portion.municipality in expert.own:
        yield OWN_MUNICIPALITY(municipality=name)
    if portion.municipality in expert.ties:
        yield DECLARED_TIE(municipality=name)
    if expert.directions and portion.direction not in expert.directions:
        yield OTHER_SUBJECT(direction=portion.direction)
    if expert.id in appointed:
        yield APPOINTED_ALREADY()
    if expert.runs_the_cycle:
        yield RUNS_THE_CYCLE()


def reasons_against_dismissal(*, marks: int, rulings: int = 0) -> Iterator[Refusal]:
    """Why an expert may not be taken off a portion: what he decided is kept for ever."""
    if marks:
        yield MARKED_ALREADY()
    elif rulings:
        yield RULED_ALREADY()


@dataclass(frozen=True)
class Plan:
    """A proposal: who gets which portion, how much everybody will have, what is left open."""

    appointments: tuple[tuple[int, tuple[int, str]], ...]  # (expert, portion key), new ones only
    load: Mapping[int, int]  # positions by expert, those he had included
    reasons: tuple[Refusal, ...] = ()

    @property
    def spread(self) -> int:
        """The difference between the busiest and the idlest expert, in positions."""
        return max(self.load.values()) - min(self.load.values()) if self.load else 0


@dataclass
class _Desk:
    """The assignment while it is being made."""

    experts: Mapping[int, ExpertFacts]
    seed: str
    load: Counter[int] = field(default_factory=Counter)
    together: Counter[tuple[int, int]] = field(default_factory=Counter)
    given: dict[tuple[int, str], set[int]] = field(default_factory=dict)

    def may(self, portion: Portion) -> list[int]:
        """Who may take the portion without any reason against him."""
        appointed = self.given[portion.key]
        return [
            one.id
            for one in self.experts.values()
            if not any(
                not reason.is_warning
                for reason in reasons_against_appointment(one, portion, appointed=appointed)
            )
        ]

    def preference(self, expert_id: int, portion: Portion) -> tuple[int, int, int, int, str]:
        """Smaller is better: within the limit, not running the cycle, idle, seldom met, by lot."""
        expert = self.experts[expert_id]
        load = self.load[expert_id] + portion.size
        met = sum(self.together[_pair(expert_id, one)] for one in self.given[portion.key])
        return (
            int(expert.most is not None and load > expert.most),
            int(expert.runs_the_cycle),
            load,
            met,
            sha256(f"{self.seed}:{portion.key}:{expert_id}".encode()).hexdigest(),
        )

    def give(self, expert_id: int, portion: Portion) -> None:
        for one in self.given[portion.key]:
            self.together[_pair(expert_id, one)] += 1
        self.given[portion.key].add(expert_id)
        self.load[expert_id] += portion.size

    def take(self, expert_id: int, portion: Portion) -> None:
        self.given[portion.key].remove(expert_id)
        for one in self.given[portion.key]:
            self.together[_pair(expert_id, one)] -= 1
        self.load[expert_id] -= portion.size


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def plan(
    portions: Sequence[Portion],
    experts: Sequence[ExpertFacts],
    *,
    needed: int,
    held: Held | None = None,
    seed: str = "",
) -> Plan:
    """Fill every portion up to `needed` experts as evenly as the conflicts of interest allow.

    The portions with the fewest possible experts come first, big before small; each goes to the
    idlest, then to those who met least, so that pairs change and experts can be compared. Portions
    are then handed from busy to idle experts while that evens the load. The same seed gives the
    same plan. What is held already is kept.
    """
    held = held or {}
    desk = _Desk({one.id: one for one in experts}, seed)
    for portion in portions:
        desk.given[portion.key] = set()
        for expert_id in sorted(held.get(portion.key, frozenset()) & desk.experts.keys()):
            desk.give(expert_id, portion)
    open_first = sorted(
        portions, key=lambda one: (len(desk.may(one)), -one.size, one.submission, one.direction)
    )
    missing: list[Refusal] = []
    for portion in open_first:
        wanted = needed - len(held.get(portion.key, frozenset()))
        for _place in range(wanted):
            possible = desk.may(portion)
            if not possible:
                missing.append(_too_few(portion, desk, held, needed))
                break
            desk.give(min(possible, key=lambda one: desk.preference(one, portion)), portion)
    _even_out(desk, portions, held)
    appointments = tuple(
        (expert_id, portion.key)
        for portion in portions
        for expert_id in sorted(desk.given[portion.key] - held.get(portion.key, frozenset()))
    )
    load = {expert_id: desk.load[expert_id] for expert_id in desk.experts}
    return Plan(appointments, load, (*missing, *_overloads(desk)))


def _too_few(portion: Portion, desk: _Desk, held: Held, needed: int) -> Refusal:
    strangers = held.get(portion.key, frozenset()) - desk.experts.keys()
    return TOO_FEW_EXPERTS(
        municipality=portion.municipality_name,
        direction=portion.direction,
        found=len(desk.given[portion.key]) + len(strangers),
        needed=needed,
    )


def _overloads(desk: _Desk) -> Iterator[Refusal]:
    for expert in desk.experts.values():
        if expert.most is not None and desk.load[expert.id] > expert.most:
            yield LOAD_EXCEEDED(load=desk.load[expert.id], most=expert.most)


def _even_out(desk: _Desk, portions: Sequence[Portion], held: Held) -> None:
    """Hand new portions to idler experts while somebody's load stays clearly above another's.

    Each handing makes the sum of squares of the loads smaller, so it comes to an end.
    """
    moved = True
    while moved:
        moved = False
        for portion in portions:
            for giver in sorted(desk.given[portion.key] - held.get(portion.key, frozenset())):
                taker = min(desk.may(portion), key=lambda one: (desk.load[one], one), default=None)
                if taker is None or desk.load[giver] - desk.load[taker] <= portion.size:
                    continue
                if _worse(desk, giver, taker, portion):
                    continue
                desk.take(giver, portion)
                desk.give(taker, portion)
                moved = True


def _worse(desk: _Desk, giver: int, taker: int, portion: Portion) -> bool:
    """Whether the taker would run the cycle or go over his limit where the giver does not."""
    one, other = desk.experts[giver], desk.experts[taker]
    over = other.most is not None and desk.load[taker] + portion.size > other.most
    return over or (other.runs_the_cycle and not one.runs_the_cycle)


def pairs_met(given: Iterable[Iterable[int]]) -> Counter[tuple[int, int]]:
    """How often two experts score the same portion: who never meets cannot be compared."""
    return Counter(_pair(*two) for experts in given for two in combinations(sorted(experts), 2))


def not_enough(portions: Sequence[Portion], held: Held, *, needed: Value) -> Iterator[Refusal]:
    """What keeps the expertise from beginning: portions with fewer experts than there must be."""
    for portion in portions:
        found = len(held.get(portion.key, frozenset()))
        if found < needed.value:
            yield NOT_APPOINTED(
                needed,
                municipality=portion.municipality_name,
                direction=portion.direction,
                found=found,
                needed=needed.value,
            )
