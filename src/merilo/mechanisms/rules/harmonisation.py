"""From two blind marks to one: agreement, harmonisation, the third expert, an objection, the end.

The source says nothing of how differing marks become one. Every step here is a switch of the
region with a documented default; the marks of the blind round are kept whatever happens, because
agreement and severity are counted from them alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from statistics import median

from merilo.law import Reason, Refusal, Value, WorkingDays
from merilo.law.refusal import _


class Round(StrEnum):
    """In which round a mark was given."""

    BLIND = "blind"
    HARMONISED = "harmonised"
    THIRD = "third"


class Standing(StrEnum):
    """Where a position of a submission is on its way to one mark."""

    BLIND = "blind"  # not all experts are done: nobody sees anything
    DIFFERS = "differs"  # to be harmonised
    THIRD = "third"  # waits for the third expert
    SETTLED = "settled"


class Basis(StrEnum):
    """How the mark that stands came about."""

    AGREED = "agreed"
    HARMONISED = "harmonised"
    THIRD = "third"
    OBJECTION = "objection"


BASIS_WORDS: Mapping[Basis, str] = {
    Basis.AGREED: _("эксперты совпали"),
    Basis.HARMONISED: _("эксперты договорились"),
    Basis.THIRD: _("решил третий эксперт"),
    Basis.OBJECTION: _("изменено по возражению"),
}
STANDING_WORDS: Mapping[Standing, str] = {
    Standing.BLIND: _("оценивается независимо"),
    Standing.DIFFERS: _("нужно согласование"),
    Standing.THIRD: _("ждёт третьего эксперта"),
    Standing.SETTLED: _("балл установлен"),
}


class ThirdRule(StrEnum):
    """What the third mark makes of the three."""

    THIRD = "third"
    MEDIAN = "median"


@dataclass(frozen=True)
class Given:
    """One expert's standing mark of a position. Two marks agree when points and grounds agree."""

    expert: int
    points: Decimal
    deductions: frozenset[str] = frozenset()

    @property
    def verdict(self) -> tuple[Decimal, frozenset[str]]:
        return self.points, self.deductions


@dataclass(frozen=True)
class Settled:
    points: Decimal
    deductions: frozenset[str]
    basis: Basis


@dataclass(frozen=True)
class Compared:
    """A position with its marks looked at together."""

    standing: Standing
    difference: Decimal = Decimal(0)
    settled: Settled | None = None


def compare(
    blind: Sequence[Given],
    *,
    all_done: bool,
    most: Decimal,
    harmonised: Sequence[Given] = (),
    third: Given | None = None,
    given_up: bool = False,
    third_share: Value | None = None,
    third_rule: Value | None = None,
) -> Compared:
    """What the marks of a position come to.

    `blind`: marks of the blind round; `harmonised`: newer ones of the same experts, in the
    harmonisation; `given_up`: an expert said that they do not agree; `third_share`: the
    difference, as a share of the most, from which the third expert comes at once.
    """
    if not all_done or len(blind) < 2:
        return Compared(Standing.BLIND)
    points = [one.points for one in blind]
    difference = max(points) - min(points)
    if len({one.verdict for one in blind}) == 1:
        agreed = Settled(blind[0].points, blind[0].deductions, Basis.AGREED)
        return Compared(Standing.SETTLED, difference, agreed)
    if third is not None:
        settled = _with_third([one.points for one in blind], blind, third, third_rule)
        return Compared(Standing.SETTLED, difference, settled)
    if given_up or far_apart(difference, most, third_share):
        return Compared(Standing.THIRD, difference)
    newest = {one.expert: one for one in (*blind, *harmonised)}
    if len({one.verdict for one in newest.values()}) == 1:
        one = harmonised[-1]
        settled = Settled(one.points, one.deductions, Basis.HARMONISED)
        return Compared(Standing.SETTLED, difference, settled)
    return Compared(Standing.DIFFERS, difference)


def far_apart(difference: Decimal, most: Decimal, share: Value | None) -> bool:
    """Whether the third expert comes without harmonisation; never where no share is set."""
    return share is not None and difference > 0 and difference >= Decimal(str(share.value)) * most


def _with_third(
    points: list[Decimal], blind: Sequence[Given], third: Given, rule: Value | None
) -> Settled:
    """The third mark itself, or the median of all with the grounds that most of them name."""
    if rule is None or rule.value == ThirdRule.THIRD:
        return Settled(third.points, third.deductions, Basis.THIRD)
    marks = (*blind, third)
    named = {code for one in marks for code in one.deductions}
    by_most = frozenset(
        code for code in named if sum(code in one.deductions for one in marks) * 2 > len(marks)
    )
    return Settled(median((*points, third.points)), by_most, Basis.THIRD)


# ── Harmonising ──────────────────────────────────────────────────────────────────────────────

NOTHING_TO_HARMONISE = Reason(
    "mechanisms.nothing-to-harmonise",
    _("Позиция %(code)s: согласовывать нечего, сейчас она «%(standing)s». Обновите страницу."),
)
NO_THIRD_NEEDED = Reason(
    "mechanisms.no-third-needed",
    _("Позиция %(code)s: третий эксперт не нужен, сейчас она «%(standing)s». Обновите страницу."),
)
THIRD_IS_ONE_OF_TWO = Reason(
    "mechanisms.third-is-one-of-two",
    _("Третьим экспертом может быть только тот, кто ещё не оценивал это направление."),
)
HARMONISING_STILL = Reason(
    "mechanisms.harmonising-still",
    _(
        "По этому направлению двое экспертов ещё согласуют позиции: %(codes)s. Завершить оценку "
        "третьего эксперта можно, когда согласование окончено."
    ),
)
NO_EXPLANATION = Reason(
    "mechanisms.no-explanation", _("Объясните решение: без объяснения его не записать.")
)


def reasons_against_harmonising(code: str, standing: Standing) -> Iterator[Refusal]:
    """Why nothing can be proposed for the position in the harmonisation."""
    if standing != Standing.DIFFERS:
        yield NOTHING_TO_HARMONISE(code=code, standing=STANDING_WORDS[standing])


def reasons_against_third_mark(
    code: str, standing: Standing, *, marked_blind: bool
) -> Iterator[Refusal]:
    """Why this expert may not put the third mark."""
    if standing != Standing.THIRD:
        yield NO_THIRD_NEEDED(code=code, standing=STANDING_WORDS[standing])
    if marked_blind:
        yield THIRD_IS_ONE_OF_TWO()


def reasons_against_third_finishing(standings: Mapping[str, Standing]) -> Iterator[Refusal]:
    """Why the third expert cannot be done yet: a position may still come to him."""
    left = [code for code, one in standings.items() if one == Standing.DIFFERS]
    if left:
        yield HARMONISING_STILL(codes=left)


# ── Objections ───────────────────────────────────────────────────────────────────────────────


class ObjectionState(StrEnum):
    FILED = "filed"
    GRANTED = "granted"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


OBJECTION_TRANSITIONS: Mapping[ObjectionState, frozenset[ObjectionState]] = {
    ObjectionState.FILED: frozenset(
        {ObjectionState.GRANTED, ObjectionState.DISMISSED, ObjectionState.WITHDRAWN}
    ),
    ObjectionState.GRANTED: frozenset(),
    ObjectionState.DISMISSED: frozenset(),
    ObjectionState.WITHDRAWN: frozenset(),
}
OBJECTION_WORDS: Mapping[ObjectionState, str] = {
    ObjectionState.FILED: _("подано"),
    ObjectionState.GRANTED: _("удовлетворено"),
    ObjectionState.DISMISSED: _("отклонено"),
    ObjectionState.WITHDRAWN: _("отозвано"),
}
OBJECTION_DECIDED = Reason(
    "mechanisms.objection-decided",
    _("Возражение уже «%(state)s». Обновите страницу."),
)
NO_OBJECTIONS_NOW = Reason(
    "mechanisms.no-objections-now",
    _("Возражения принимают после экспертизы и до итога цикла. Сейчас не это время."),
)
OBJECTION_LATE = Reason(
    "mechanisms.objection-late",
    _("Возражения принимали по %(until)s включительно. Этот срок прошёл."),
)
STILL_OBJECTING = Reason(
    "mechanisms.still-objecting",
    _("Муниципалитеты могут возражать по %(until)s включительно. Завершить цикл можно после "
      "этого дня."),
)  # fmt: skip
OBJECTION_THERE = Reason(
    "mechanisms.objection-there",
    _("Возражение по позиции %(code)s уже подано. Дождитесь решения по нему."),
)
NOTHING_TO_OBJECT = Reason(
    "mechanisms.nothing-to-object",
    _("По позиции %(code)s балла нет: возражать не против чего."),
)
OBJECTION_LOWERS = Reason(
    "mechanisms.objection-lowers",
    _(
        "По возражению балл нельзя понизить (было %(before)s, стало бы %(after)s): регион этого "
        "не разрешил."
    ),
)
OBJECTION_CHANGES_NOTHING = Reason(
    "mechanisms.objection-changes-nothing",
    _("Возражение удовлетворяют, когда меняется балл или основание снятия. Иначе отклоните его."),
)
NEW_EVIDENCE = Reason(
    "mechanisms.new-evidence",
    _(
        "Возражение содержит ссылку. Оценивается то, что подано в срок: новые документы вы "
        "сможете представить в следующем цикле."
    ),
    warning=True,
)


@dataclass(frozen=True)
class ObjectionFacts:
    """A wish of the municipality to have the mark of one position looked at again."""

    code: str
    text: str
    settled: bool
    open_now: bool
    one_is_filed: bool = False
    late_after: date | None = None  # the last day, where it is over


def last_day_to_object(opened_on: date, term: Value | None, calendar: WorkingDays) -> date | None:
    """The last day of objections, inclusive; None where the region set no term."""
    return None if term is None else calendar.after(opened_on, term.value)


def day_is_over(last: date | None, *, today: date) -> bool:
    """Whether the last day of objections has passed; a term that was not set never does."""
    return last is not None and today > last


def reasons_against_ending_early(last: date | None, *, today: date) -> Iterator[Refusal]:
    """Municipalities were told until when they may object: the cycle does not end before."""
    if last is not None and not day_is_over(last, today=today):
        yield STILL_OBJECTING(until=last)


def reasons_against_objection(wish: ObjectionFacts) -> Iterator[Refusal]:
    """Why the objection is not taken."""
    if not wish.open_now:
        yield NO_OBJECTIONS_NOW()
    elif wish.late_after is not None:
        yield OBJECTION_LATE(until=wish.late_after)
    if not wish.settled:
        yield NOTHING_TO_OBJECT(code=wish.code)
    if wish.one_is_filed:
        yield OBJECTION_THERE(code=wish.code)
    if not wish.text.strip():
        yield NO_EXPLANATION()
    elif "://" in wish.text:
        yield NEW_EVIDENCE()


def reasons_against_deciding(
    state: ObjectionState,
    to: ObjectionState,
    *,
    explanation: str,
    before: Settled,
    after: Settled,
    may_lower: Value,
) -> Iterator[Refusal]:
    """Why the objection may not be decided so."""
    if to not in OBJECTION_TRANSITIONS[state]:
        yield OBJECTION_DECIDED(state=OBJECTION_WORDS[state])
    if not explanation.strip():
        yield NO_EXPLANATION()
    if to != ObjectionState.GRANTED:
        return
    if (before.points, before.deductions) == (after.points, after.deductions):
        yield OBJECTION_CHANGES_NOTHING()
    lowered = after.points < before.points or after.deductions - before.deductions
    if lowered and not may_lower.value:
        yield OBJECTION_LOWERS(may_lower, before=before.points, after=after.points)


# ── The end ──────────────────────────────────────────────────────────────────────────────────

NOT_SETTLED = Reason(
    "mechanisms.not-settled",
    _("Нет установленного балла по позициям: %(codes)s. Закончите согласование."),
)
OBJECTIONS_OPEN = Reason(
    "mechanisms.objections-undecided",
    _("Не рассмотрены возражения по позициям: %(codes)s. Примите по ним решения."),
)


def reasons_against_scored(standings: Mapping[str, Standing]) -> Iterator[Refusal]:
    """Why the expertise of a submission is not over."""
    left = [code for code, one in standings.items() if one != Standing.SETTLED]
    if left:
        yield NOT_SETTLED(codes=left)


def reasons_against_final(objections: Iterable[tuple[str, ObjectionState]]) -> Iterator[Refusal]:
    """Why the result of a submission cannot become final."""
    left = [code for code, state in objections if state == ObjectionState.FILED]
    if left:
        yield OBJECTIONS_OPEN(codes=left)


def in_dispute(compared: Mapping[str, Compared]) -> Collection[str]:
    """The positions that need a person: shown on top, the rest folded."""
    return [
        code
        for code, one in compared.items()
        if one.standing in (Standing.DIFFERS, Standing.THIRD)
    ]


DUTY_TITLES: Mapping[str, tuple[str, str]] = {
    "mechanisms-score": (_("Оценить материалы муниципалитета"), "mechanisms-scoring"),
    "mechanisms-harmonise": (_("Согласовать баллы со вторым экспертом"), "mechanisms-harmonising"),
    "mechanisms-appoint-third": (_("Назначить третьего эксперта"), "mechanisms-marks"),
    "mechanisms-decide-objection": (_("Рассмотреть возражение"), "mechanisms-objection"),
}
