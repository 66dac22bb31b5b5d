"""What an expert's protocol must hold before it is signed, and when it gets a new version.

Letter 03-608, items 12, 13, 16; order 23a-566, annex 1, item 8 (for Primorye).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from merilo.law import (
    Part,
    Profile,
    Reason,
    Refusal,
    ScoringSpec,
    cite,
    normalise_criterion_code,
)
from merilo.law.refusal import _
from merilo.testday.rules import PART_WORDS, OralScheme


class ProtocolState(StrEnum):
    DRAFT = "draft"
    SIGNED = "signed"
    LOCKED = "locked"
    SUPERSEDED = "superseded"


TRANSITIONS: Mapping[ProtocolState, frozenset[ProtocolState]] = {
    ProtocolState.DRAFT: frozenset({ProtocolState.SIGNED}),
    ProtocolState.SIGNED: frozenset({ProtocolState.LOCKED, ProtocolState.SUPERSEDED}),
    ProtocolState.LOCKED: frozenset({ProtocolState.SUPERSEDED}),
    ProtocolState.SUPERSEDED: frozenset(),
}

WORDS: Mapping[ProtocolState, str] = {
    ProtocolState.DRAFT: _("заполняется"),
    ProtocolState.SIGNED: _("подписан"),
    ProtocolState.LOCKED: _("закрыт"),
    ProtocolState.SUPERSEDED: _("заменён новой версией"),
}


class VersionReason(StrEnum):
    INITIAL = "initial"
    RELISTENING = "relistening"
    TECHNICAL_ERROR = "technical_error"
    APPEAL = "appeal"


VERSION_WORDS: Mapping[VersionReason, str] = {
    VersionReason.INITIAL: _("первая версия"),
    VersionReason.RELISTENING: _("повторное прослушивание"),
    VersionReason.TECHNICAL_ERROR: _("техническая ошибка"),
    VersionReason.APPEAL: _("решение по апелляции"),
}

WRONG_STATE = Reason(
    "grading.wrong-state",
    _(
        "Протокол сейчас «%(state)s»: сделать его «%(wanted)s» нельзя. Обновите страницу — "
        "возможно, это уже сделано."
    ),
)


def reasons_against_moving(state: ProtocolState, to: ProtocolState) -> Iterator[Refusal]:
    """Why the protocol may not go to that state."""
    if to not in TRANSITIONS[state]:
        yield WRONG_STATE(state=WORDS[state], wanted=WORDS[to])


# ── Points ───────────────────────────────────────────────────────────────────────────────────

MISSING = Reason(
    "grading.points-missing",
    _("Не выставлены баллы: %(codes)s. Оценка ставится по каждому критерию, ноль — тоже оценка."),
)
UNKNOWN_CODE = Reason(
    "grading.unknown-criterion",
    _(
        "Критерия «%(code)s» нет в этой части для этого класса. Уберите его балл или проверьте "
        "код: он пишется русской буквой и номером."
    ),
)
CODE_TWICE = Reason(
    "grading.criterion-twice",
    _("Критерий %(code)s введён дважды. Оставьте один балл."),
)
NOT_WHOLE = Reason(
    "grading.points-not-whole",
    _("Критерий %(code)s: «%(points)s» — не целое число. Введите целое число от 0 до %(most)s."),
)
OUT_OF_RANGE = Reason(
    "grading.points-out-of-range",
    _("Критерий %(code)s: %(points)s балл. не бывает. Введите целое число от 0 до %(most)s."),
)
PART_TOTAL_MISSING = Reason(
    "grading.part-total-missing",
    _("Не введена сумма баллов (%(part)s часть). Посчитайте и впишите её, как в бланке."),
)
PART_TOTAL_WRONG = Reason(
    "grading.part-total-wrong",
    _("Сумма «%(points)s» невозможна (%(part)s часть). Введите целое число от 0 до %(most)s."),
)
TOTAL_DIFFERS = Reason(
    "grading.total-differs",
    _(
        "В бланке сумма %(typed)s, а по критериям выходит %(counted)s. Проверьте баллы и сумму: "
        "подписать можно только совпадающие."
    ),
)


def normalise_points(points: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The same points by codes with look-alike letters put right, and the codes met twice."""
    found: dict[str, Any] = {}
    twice = []
    for code, value in points.items():
        true_code = normalise_criterion_code(code)
        if true_code in found:
            twice.append(true_code)
        else:
            found[true_code] = value
    return found, tuple(twice)


def is_whole(value: object) -> bool:
    """A whole number of points. True and False are not numbers here."""
    return isinstance(value, int) and not isinstance(value, bool)


def reasons_against_points(
    spec: ScoringSpec, points: Mapping[str, Any], *, parts: tuple[Part, ...] = tuple(Part)
) -> Iterator[Refusal]:
    """Everything wrong with the points of these parts: missing, not whole, beyond, unknown, twice.

    A point that is None is missing. Codes may still have look-alike letters.
    """
    source = spec.thresholds["total_max"].source
    points, twice = normalise_points(points)
    criteria = {one.code: one for one in spec.criteria if one.part in parts}
    for code in twice:
        yield CODE_TWICE(source, code=code)
    for code in points:
        if code not in criteria:
            yield UNKNOWN_CODE(source, code=code)
    missing = tuple(code for code in criteria if points.get(code) is None)
    if missing:
        yield MISSING(source, codes=missing)
    for code, criterion in criteria.items():
        value = points.get(code)
        if value is None:
            continue
        if not is_whole(value):
            yield NOT_WHOLE(source, code=code, points=value, most=criterion.max)
        elif not 0 <= value <= criterion.max:
            yield OUT_OF_RANGE(source, code=code, points=value, most=criterion.max)


def reasons_against_written_total(spec: ScoringSpec, total: Any) -> Iterator[Refusal]:
    """What is wrong with the sum of a written part whose criteria are not loaded yet."""
    threshold = spec.thresholds["written_max"]
    words = PART_WORDS[Part.WRITTEN]
    if total is None:
        yield PART_TOTAL_MISSING(threshold.source, part=words)
    elif not is_whole(total) or not 0 <= total <= threshold.value:
        yield PART_TOTAL_WRONG(threshold.source, part=words, points=total, most=threshold.value)


def part_total(spec: ScoringSpec, part: Part, points: Mapping[str, Any]) -> int:
    """The sum over the criteria of the part; what is missing or not a number counts as nothing."""
    points, _twice = normalise_points(points)
    return sum(points[one.code] for one in spec.part(part) if is_whole(points.get(one.code)))


# ── Signing ──────────────────────────────────────────────────────────────────────────────────

NO_EXPERT_NAME = Reason(
    "grading.no-expert-name",
    _("В протоколе нет фамилии, имени, отчества эксперта. Впишите их: без них не подписать."),
)
NO_CHECK_DATE = Reason(
    "grading.no-check-date", _("Не указана дата проверки. Впишите день, когда работа проверена.")
)
CHECKED_BEFORE_TEST = Reason(
    "grading.checked-before-test",
    _("Дата проверки %(checked_on)s раньше дня тестирования %(test_on)s. Исправьте дату."),
)
NOT_EXPERT = Reason(
    "grading.not-expert",
    _(
        "Подписывающий не назначен экспертом в этот день. Подписать может только член комиссии "
        "с ролью эксперта: попросите председателя внести назначение."
    ),
)
OWN_CONVERSATION = Reason(
    "grading.own-conversation",
    _("Эксперт сам проводил эту беседу. Ответ должен оценить другой эксперт комиссии."),
)
NOT_TAKEN_YET = Reason(
    "grading.not-taken-yet",
    _("Участник ещё не завершил эту часть (%(part)s). Подпишите протокол после неё."),
)
ORAL_NOT_DONE = Reason(
    "grading.oral-not-done",
    _(
        "Проверка идёт по записи, а устная часть ещё не завершена у всех участников. "
        "Дождитесь её конца."
    ),
)
NO_AUDIO = Reason(
    "grading.no-audio",
    _(
        "Проверка идёт по записи, а аудиозаписи ответа нет. Загрузите её; если она утрачена, "
        "председатель вносит происшествие в протокол дня."
    ),
)
AUDIO_TO_UPLOAD = Reason(
    "grading.audio-to-upload",
    _("Аудиозапись устного ответа не загружена. Загрузите её: запись хранят и после оценки."),
    warning=True,
)
NO_WRITTEN_PART = Reason(
    "grading.no-written-part",
    _("Этот участник проходит только устную часть: письменного протокола у него нет."),
)


@dataclass(frozen=True)
class Sheet:
    """A protocol of one part as filled in: points by criterion code, the sum the expert wrote."""

    part: Part
    points: Mapping[str, Any]
    typed_total: Any = None
    state: ProtocolState = ProtocolState.DRAFT


@dataclass(frozen=True)
class Expert:
    """Who signs. `is_expert_that_day`: a present member of that day's commission in that role."""

    name: str
    checked_on: date | None
    is_expert_that_day: bool
    conducted_this_conversation: bool = False


@dataclass(frozen=True)
class Taking:
    """How the part was taken. `all_oral_done`: by every participant of the day."""

    test_on: date
    part_done: bool = True
    scheme: OralScheme = OralScheme.LIVE
    all_oral_done: bool = True
    audio_kept: bool = True


def reasons_against_sheet(spec: ScoringSpec, sheet: Sheet) -> Iterator[Refusal]:
    """Everything wrong with the figures of the protocol, its written sum included."""
    source = spec.thresholds["total_max"].source
    if sheet.part == Part.WRITTEN and spec.written_max == 0:
        yield NO_WRITTEN_PART(source)
        return
    wrong = list(reasons_against_points(spec, sheet.points, parts=(sheet.part,)))
    yield from wrong
    if sheet.part == Part.WRITTEN and spec.written_by_total:
        yield from reasons_against_written_total(spec, sheet.typed_total)
        return
    counted = part_total(spec, sheet.part, sheet.points)
    if sheet.typed_total is None:
        yield PART_TOTAL_MISSING(source, part=PART_WORDS[sheet.part])
    elif not wrong and sheet.typed_total != counted:
        yield TOTAL_DIFFERS(source, typed=sheet.typed_total, counted=counted)


def reasons_against_signing(
    spec: ScoringSpec, sheet: Sheet, *, expert: Expert, taking: Taking, profile: Profile
) -> Iterator[Refusal]:
    """Every reason why the protocol may not be signed, at once; a warning lets it be signed."""
    yield from reasons_against_moving(sheet.state, ProtocolState.SIGNED)
    yield from reasons_against_sheet(spec, sheet)
    if not expert.name.strip():
        yield NO_EXPERT_NAME(cite("letter-03-608", "п. 16"))
    if expert.checked_on is None:
        yield NO_CHECK_DATE(cite("letter-03-608", "п. 16"))
    elif expert.checked_on < taking.test_on:
        yield CHECKED_BEFORE_TEST(checked_on=expert.checked_on, test_on=taking.test_on)
    if not expert.is_expert_that_day:
        yield NOT_EXPERT(cite("letter-03-608", "п. 12"))
    if sheet.part == Part.ORAL:
        yield from _reasons_of_oral_marking(expert, taking, profile)
    elif not taking.part_done:
        yield NOT_TAKEN_YET(part=PART_WORDS[sheet.part])


def _reasons_of_oral_marking(
    expert: Expert, taking: Taking, profile: Profile
) -> Iterator[Refusal]:
    """Marking live may go on during the conversation; from the record only after all of them."""
    audio = profile.value("testday.oral_audio", on=taking.test_on)
    if expert.conducted_this_conversation:
        yield OWN_CONVERSATION(cite("letter-03-608", "п. 12"))
    if taking.scheme == OralScheme.AUDIO:
        if not taking.all_oral_done:
            yield ORAL_NOT_DONE(cite("letter-03-608", "п. 16"))
        if not taking.audio_kept:
            yield NO_AUDIO(audio)
    elif audio.value and not taking.audio_kept:
        yield AUDIO_TO_UPLOAD(audio)


# ── Versions ─────────────────────────────────────────────────────────────────────────────────

NO_EXPLANATION = Reason(
    "grading.no-explanation", _("Объясните, почему нужна новая версия протокола.")
)
RELISTENING_TOO_LATE = Reason(
    "grading.relistening-too-late",
    _(
        "Переслушать ответ и изменить балл можно до сведения результатов; протокол сейчас "
        "«%(state)s». Дальше баллы меняет только апелляция."
    ),
)
RELISTENING_ORAL_ONLY = Reason(
    "grading.relistening-oral-only", _("Переслушать можно только устный ответ.")
)
RESULT_RELEASED = Reason(
    "grading.result-released",
    _(
        "Результат уже передан. Исправить его своей властью нельзя: баллы пересматривает "
        "апелляционная комиссия."
    ),
)
NO_APPEAL_DECISION = Reason(
    "grading.no-appeal-decision",
    _("Нет решения апелляционной комиссии, по которому меняются баллы."),
)
NOT_A_NEW_VERSION = Reason(
    "grading.not-a-new-version", _("Первая версия у протокола уже есть. Укажите причину новой.")
)


@dataclass(frozen=True)
class NewVersion:
    """What a new version of a signed protocol is made for."""

    why: VersionReason
    part: Part
    state: ProtocolState
    explanation: str = ""
    audio_kept: bool = True
    result_released: bool = False
    appeal_decided: bool = False


def reasons_against_new_version(wish: NewVersion) -> Iterator[Refusal]:
    """Why the protocol may not get this new version. The old one is kept whatever happens."""
    yield from reasons_against_moving(wish.state, ProtocolState.SUPERSEDED)
    if not wish.explanation.strip():
        yield NO_EXPLANATION()
    match wish.why:
        case VersionReason.INITIAL:
            yield NOT_A_NEW_VERSION()
        case VersionReason.RELISTENING:
            if wish.part != Part.ORAL:
                yield RELISTENING_ORAL_ONLY(cite("letter-03-608", "п. 16"))
            elif not wish.audio_kept:
                yield NO_AUDIO(cite("letter-03-608", "п. 16"))
            if wish.state == ProtocolState.LOCKED:
                yield RELISTENING_TOO_LATE(cite("letter-03-608", "п. 16"), state=WORDS[wish.state])
        case VersionReason.TECHNICAL_ERROR:
            if wish.result_released:
                yield RESULT_RELEASED()
        case VersionReason.APPEAL if not wish.appeal_decided:
            yield NO_APPEAL_DECISION()


DUTY_TITLES: Mapping[str, tuple[str, str]] = {
    "mark-oral": (_("Проверить устную часть"), "marking-oral"),
    "mark-written": (_("Проверить письменную часть"), "marking-written"),
    "consolidate-result": (_("Свести результат"), "consolidate"),
}
