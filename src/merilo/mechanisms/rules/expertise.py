"""What an expert's mark must hold, which points are taken off, and who sees whose marks when.

«Требования к предоставлению материалов МУМ» (2022) says what is assessed, what is not, and for
what points are taken off — but not how many: an amount the region did not set stays unknown here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from re import fullmatch

from merilo.law import Reason, Refusal, Source, Value, cite
from merilo.law.refusal import _


class DeductionCode(StrEnum):
    D1 = "D1"
    D2 = "D2"
    D3 = "D3"
    D4 = "D4"
    D5 = "D5"
    D6 = "D6"


DEDUCTION_WORDS: Mapping[DeductionCode, str] = {
    DeductionCode.D1: _(
        "выявлены показатели, приводящие к негативным последствиям для отдельных категорий "
        "участников образовательных отношений и системы образования в целом"
    ),
    DeductionCode.D2: _(
        "представлены неэффективные показатели, мониторинг которых не приведёт к "
        "совершенствованию системы образования"
    ),
    DeductionCode.D3: _("представлены мониторинг и анализ неэффективных показателей"),
    DeductionCode.D4: _(
        "представлен сбор информации у образовательных организаций вне управленческого цикла"
    ),
    DeductionCode.D5: _("несоответствие показателей мониторингу/анализу"),
    DeductionCode.D6: _(
        "трек «Развитие способностей обучающихся в соответствии с их потребностями» реализован "
        "без данных о выявленных потребностях обучающихся в дополнительном образовании"
    ),
}


class Exclusion(StrEnum):
    """Why a link is not assessed at all."""

    N1 = "N1"
    N2 = "N2"


EXCLUSION_WORDS: Mapping[Exclusion, str] = {
    Exclusion.N1: _("ссылка на новостную ленту официального сайта"),
    Exclusion.N2: _("мероприятие без документов, подтверждающих его проведение"),
}


class AppointmentState(StrEnum):
    OPEN = "open"
    DONE = "done"


APPOINTMENT_TRANSITIONS: Mapping[AppointmentState, frozenset[AppointmentState]] = {
    AppointmentState.OPEN: frozenset({AppointmentState.DONE}),
    AppointmentState.DONE: frozenset(),
}
APPOINTMENT_WORDS: Mapping[AppointmentState, str] = {
    AppointmentState.OPEN: _("оценивает"),
    AppointmentState.DONE: _("завершил оценку"),
}


def points_off() -> Source:
    return cite("mum-2022", "«Баллы снимаются»")


def not_assessed() -> Source:
    return cite("mum-2022", "«Оценки не подлежат»")


def only_documents() -> Source:
    return cite("mum-2022", "«Оценке подлежат только документы и материалы по направлениям»")


# ── One mark ─────────────────────────────────────────────────────────────────────────────────

POINTS_MISSING = Reason(
    "mechanisms.mark-missing",
    _("Позиция %(code)s: балл не поставлен. Поставьте его; ноль — тоже балл."),
)
POINTS_NOT_WHOLE = Reason(
    "mechanisms.mark-not-whole",
    _("Позиция %(code)s: «%(points)s» — не целое число. Введите целое число от 0 до %(most)s."),
)
POINTS_OUT_OF_RANGE = Reason(
    "mechanisms.mark-out-of-range",
    _("Позиция %(code)s: %(points)s балл. не бывает. Введите целое число от 0 до %(most)s."),
)
COMMENT_AT_EXTREME = Reason(
    "mechanisms.comment-at-extreme",
    _(
        "Позиция %(code)s: поставлен крайний балл (%(points)s из %(most)s). Объясните его в "
        "комментарии: чего нет в документах или что в них полно."
    ),
)
COMMENT_AT_DEDUCTION = Reason(
    "mechanisms.comment-at-deduction",
    _(
        "Позиция %(code)s: отмечено снятие баллов %(deductions)s. Укажите в комментарии документ, "
        "страницу и показатель, из-за которых баллы снимаются."
    ),
)
UNKNOWN_DEDUCTION = Reason(
    "mechanisms.unknown-deduction",
    _("Основания снятия баллов «%(deduction)s» нет. Есть D1–D6."),
)
D6_ELSEWHERE = Reason(
    "mechanisms.d6-elsewhere",
    _(
        "Позиция %(code)s: основание D6 относится только к треку «Развитие способностей "
        "обучающихся в соответствии с их потребностями». Уберите его."
    ),
)
UNKNOWN_EXCLUSION = Reason(
    "mechanisms.unknown-exclusion",
    _("Ссылку можно не учитывать только по N1 (новостная лента) или N2 (нет подтверждения)."),
)
STRANGE_LINK = Reason(
    "mechanisms.strange-link", _("Позиция %(code)s: такой ссылки у неё нет. Обновите страницу.")
)
NOTHING_ASSESSED = Reason(
    "mechanisms.nothing-assessed",
    _(
        "Позиция %(code)s: ни одного документа, который подлежит оценке. Балл больше нуля "
        "поставить нельзя."
    ),
)
NOT_APPLICABLE = Reason(
    "mechanisms.not-applicable",
    _("Позиция %(code)s отмечена как неприменимая: балл по ней не ставят."),
)
STRANGE_POSITION = Reason(
    "mechanisms.strange-position",
    _("Позиции %(code)s нет среди назначенных вам. Обновите страницу."),
)


@dataclass(frozen=True)
class PositionFacts:
    """A position of assessment in one submission as the expert meets it.

    `most`: its points by the frozen criteria; `links`: ids of the links the municipality gave;
    `abilities_track`: it lies in the track «Развитие способностей…» (the only place of D6).
    """

    code: str
    most: Decimal
    links: tuple[int, ...] = ()
    not_applicable: bool = False
    abilities_track: bool = False


@dataclass(frozen=True)
class MarkFacts:
    """A mark as typed: points, a comment, grounds of deductions, links that do not count.

    `points` is what `typed_points` made of the text.
    """

    points: Decimal | str | None
    comment: str = ""
    deductions: Collection[str] = ()
    excluded: Mapping[int, str] = field(default_factory=dict)  # link id → N1 or N2


def is_extreme(points: Decimal, most: Decimal) -> bool:
    """Nothing or everything: the two marks that must be explained."""
    return points in (0, most)


def typed_points(text: str) -> Decimal | str | None:
    """Points as typed, «2» or «1,5»; the text itself where it is no number, None where empty."""
    text = text.strip().replace(",", ".")
    if not text:
        return None
    return Decimal(text) if fullmatch(r"-?[0-9]{1,6}([.][0-9]{1,2})?", text) else text


def in_scale(points: Decimal, most: Decimal) -> bool:
    """A whole number of points, or the maximum itself where that is not whole."""
    return points == most or points == points.to_integral_value()


def reasons_against_mark(position: PositionFacts, mark: MarkFacts) -> Iterator[Refusal]:
    """Everything wrong with a mark. Comments are a duty here too: a mark is never half made."""
    if position.not_applicable:
        yield NOT_APPLICABLE(code=position.code)
        return
    yield from _reasons_of_points(position, mark)
    yield from _reasons_of_deductions(position, mark)
    yield from _reasons_of_links(position, mark)


def _reasons_of_points(position: PositionFacts, mark: MarkFacts) -> Iterator[Refusal]:
    most, points = position.most, mark.points
    said = {"code": position.code, "points": _plain(points), "most": _plain(most)}
    if points is None:
        yield POINTS_MISSING(code=position.code)
    elif not isinstance(points, Decimal) or not in_scale(points, most):
        yield POINTS_NOT_WHOLE(**said)
    elif not 0 <= points <= most:
        yield POINTS_OUT_OF_RANGE(**said)
    elif is_extreme(points, most) and not mark.comment.strip():
        yield COMMENT_AT_EXTREME(**said)


def _plain(points: Decimal | str | None) -> str:
    """Points as people write them: «5» and not «5.00»."""
    return f"{points.normalize():f}" if isinstance(points, Decimal) else str(points)


def _reasons_of_deductions(position: PositionFacts, mark: MarkFacts) -> Iterator[Refusal]:
    for code in sorted(set(mark.deductions) - set(DeductionCode)):
        yield UNKNOWN_DEDUCTION(points_off(), deduction=code)
    if DeductionCode.D6 in mark.deductions and not position.abilities_track:
        yield D6_ELSEWHERE(points_off(), code=position.code)
    if mark.deductions and not mark.comment.strip():
        yield COMMENT_AT_DEDUCTION(
            points_off(), code=position.code, deductions=sorted(mark.deductions)
        )


def _reasons_of_links(position: PositionFacts, mark: MarkFacts) -> Iterator[Refusal]:
    if set(mark.excluded) - set(position.links):
        yield STRANGE_LINK(code=position.code)
    if set(mark.excluded.values()) - set(Exclusion):
        yield UNKNOWN_EXCLUSION(not_assessed())
    counted = set(position.links) - set(mark.excluded)
    if not counted and isinstance(mark.points, Decimal) and mark.points > 0:
        source = not_assessed() if position.links else only_documents()
        yield NOTHING_ASSESSED(source, code=position.code)


# ── Finishing, and blindness ─────────────────────────────────────────────────────────────────

UNMARKED = Reason(
    "mechanisms.unmarked",
    _("Не оценены позиции: %(codes)s. Завершить можно, когда оценены все."),
)
FINISHED_ALREADY = Reason(
    "mechanisms.finished-already",
    _("Оценка по этому направлению завершена, баллы не меняют. Расхождения решает согласование."),
)
NOT_IN_EXPERTISE = Reason(
    "mechanisms.not-in-expertise",
    _("Материалы этого муниципалитета сейчас не на экспертизе: баллы не ставят."),
)


def reasons_against_marking(state: AppointmentState, *, in_expertise: bool) -> Iterator[Refusal]:
    """Why no mark may be put or changed in this appointment."""
    if state == AppointmentState.DONE:
        yield FINISHED_ALREADY()
    if not in_expertise:
        yield NOT_IN_EXPERTISE()


CONFIRMED_NOT_TAKEN = Reason(
    "mechanisms.confirmed-not-taken",
    _(
        "На карте цикла вы подтвердили %(deductions)s, но не отметили ни на одной позиции: баллы "
        "по этим основаниям не снимутся."
    ),
    warning=True,
)


def reasons_against_finishing(
    positions: Iterable[PositionFacts],
    marked: Collection[str],
    *,
    confirmed: Collection[str] = (),
    taken: Collection[str] = (),
) -> Iterator[Refusal]:
    """Why an expert's work on a portion is not complete; what is not applicable needs no mark.

    `confirmed`: grounds he confirmed on the map of the cycle; `taken`: those his marks name.
    """
    left = [one.code for one in positions if not one.not_applicable and one.code not in marked]
    if left:
        yield UNMARKED(codes=left)
    if forgotten := sorted(set(confirmed) - set(taken)):
        yield CONFIRMED_NOT_TAKEN(points_off(), deductions=forgotten)


def sees_marks_of_others(states: Collection[AppointmentState]) -> bool:
    """Whether the experts of a portion may see each other's marks: only when all are done."""
    return bool(states) and all(state == AppointmentState.DONE for state in states)


# ── Points after deductions ──────────────────────────────────────────────────────────────────

FLOOR_NOT_SET = Reason(
    "mechanisms.floor-not-set",
    _(
        "Позиция %(code)s: после снятия баллов выходит %(points)s — меньше нуля. Источник не "
        "говорит, что тогда; правило должен установить регион (нижняя граница баллов)."
    ),
)
AMOUNT_NOT_SET = Reason(
    "mechanisms.amount-not-set",
    _(
        "Позиция %(code)s: размер снятия по %(deductions)s не установлен. Снятие записано, но "
        "баллов не убавляет, пока регион не установит размер."
    ),
    warning=True,
)


class Floor(StrEnum):
    ZERO = "zero"
    NONE = "none"


@dataclass(frozen=True)
class Net:
    """Points of a position after deductions.

    `unpriced`: grounds without an amount, which change nothing. `points` is None where the floor
    would be needed and is not set.
    """

    gross: Decimal
    taken: Decimal
    unpriced: tuple[str, ...]
    points: Decimal | None


def amounts_of(value: Value | None) -> dict[str, Decimal]:
    """The amounts a region set, by ground; empty where it set none."""
    if value is None:
        return {}
    return {str(code): Decimal(str(one)) for code, one in value.value.items()}


def net_points(
    gross: Decimal,
    deductions: Collection[str],
    *,
    amounts: Mapping[str, Decimal],
    floor: Floor | None,
) -> Net:
    """What is left of the points; nothing is guessed where the region set nothing."""
    unpriced = tuple(sorted(code for code in set(deductions) if code not in amounts))
    taken = sum((amounts[code] for code in set(deductions) if code in amounts), Decimal(0))
    left: Decimal | None = gross - taken
    if left is not None and left < 0 and floor != Floor.NONE:
        left = Decimal(0) if floor == Floor.ZERO else None
    return Net(gross, taken, unpriced, left)


def reasons_against_net(
    code: str, net: Net, *, amounts: Value | None, floor: Value | None
) -> Iterator[Refusal]:
    """Why the points after deductions cannot be told; a warning where an amount is not set."""
    if net.unpriced:
        yield AMOUNT_NOT_SET(amounts or points_off(), code=code, deductions=net.unpriced)
    if net.points is None:
        yield FLOOR_NOT_SET(floor, code=code, points=net.gross - net.taken)
