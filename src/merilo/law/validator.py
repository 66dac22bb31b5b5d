"""What is wrong or doubtful in a profile, in words a lawyer answers for. Nothing is repaired."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from .errors import NoSuchSpecification, NotInForce
from .profiles import Profile, definitions
from .scoring import Form, Mode, SpecStatus, specification
from .sources import Act, Certainty, Value


class Level(StrEnum):
    ERROR = "error"  # the profile contradicts itself or the law above it
    WARNING = "warning"  # lawful, but it will hurt: somebody has to decide
    NOTE = "note"  # not decided by any act; the value shipped is nobody's but ours


@dataclass(frozen=True)
class Finding:
    level: Level
    code: str
    sentence: str
    parameters: tuple[str, ...] = ()


def validate(profile: Profile, *, on: date) -> list[Finding]:
    """Everything found in the profile as it stands on the day, the worst first."""
    found = [
        *_laxer(profile, on),
        *_without_value(profile, on),
        *_out_of_order(profile, on),
        *_appeal_window(profile, on),
        *_material_cycle(profile, on),
        *_scoring(profile, on),
        *_expired_acts(profile, on),
        *_calendar(profile, on),
        *_unconfirmed(profile, on),
    ]
    return sorted(found, key=lambda finding: list(Level).index(finding.level))


def _laxer(profile: Profile, on: date) -> Iterator[Finding]:
    for lax, norm in profile.laxer_than_norm(on):
        yield Finding(
            Level.ERROR,
            "laxer-than-norm",
            f"{lax.source} ({lax.value}) мягче, чем {norm.source} ({norm.value}). Действует "
            "федеральная норма; исправьте региональное значение.",
            (lax.name,),
        )


def _without_value(profile: Profile, on: date) -> Iterator[Finding]:
    for name, meaning in definitions().items():
        if _known(profile, name, on) is not None:
            continue
        if meaning.unset:
            yield Finding(
                Level.NOTE, "not-set", f"«{meaning.title}» не установлен. {meaning.unset}", (name,)
            )
        else:
            yield Finding(
                Level.ERROR,
                "no-value",
                f"«{meaning.title}» не имеет значения на {on}. Добавьте его в профиль с актом и "
                "пунктом.",
                (name,),
            )


# Values that must not decrease from left to right.
ORDERED = (
    ("admissions.min_grade", "admissions.max_grade"),
    ("testday.listening_pause_min_s", "testday.listening_pause_max_s"),
    ("materials.mouo_day", "materials.rcoi_day", "materials.ministry_day"),
    ("materials.summary_rcoi_day", "materials.summary_ministry_day"),
)


def _out_of_order(profile: Profile, on: date) -> Iterator[Finding]:
    for names in ORDERED:
        values = [_known(profile, name, on) for name in names]
        if None not in values and values != sorted(values):
            steps = ", ".join(f"{name} = {v}" for name, v in zip(names, values, strict=True))
            yield Finding(
                Level.ERROR,
                "out-of-order",
                f"Значения должны идти по возрастанию: {steps}.",
                names,
            )


def _appeal_window(profile: Profile, on: date) -> Iterator[Finding]:
    """C-06: the window may be over before the parent is told."""
    names = (
        "results.to_school_wd",
        "results.parent_wd",
        "results.min_official_gap_wd",
        "appeals.points_window_wd",
        "appeals.points_window_start",
    )
    school, parent, gap, window, start = (_known(profile, name, on) for name in names)
    if None in (school, parent, gap, window) or start != "official_date":
        return
    told = school + parent
    if gap + window < told:
        yield Finding(
            Level.ERROR,
            "appeal-window-before-notice",
            f"Срок апелляции кончается через {_working_days(gap + window)} после теста, а "
            f"родителю законно сообщают и через {told}. Увеличьте results.min_official_gap_wd до "
            f"{told} или считайте срок от получения уведомления.",
            names,
        )
    else:
        yield Finding(
            Level.WARNING,
            "appeal-window-from-official-date",
            f"Срок апелляции ({_working_days(window)}) идёт от официального объявления, а "
            f"родителю сообщают результат в срок до {_working_days(told, of=True)} после теста. "
            f"Назначайте объявление не раньше {told}-го рабочего дня, иначе срок истечёт до "
            "уведомления (C-06).",
            names,
        )


def _material_cycle(profile: Profile, on: date) -> Iterator[Finding]:
    """C-04: «any convenient date» and materials once a month cannot both be had."""
    names = ("booking.min_lead_wd", "materials.mouo_day", "materials.receive_day")
    lead, request, receive = (_known(profile, name, on) for name in names)
    if None not in (lead, request, receive):
        yield Finding(
            Level.WARNING,
            "booking-before-materials",
            f"Записаться можно за {_working_days(lead)}, а заявка на материалы уходит "
            f"{request}-го и исполняется к {receive}-му числу: запись после {request}-го "
            "обеспечена только резервным комплектом (C-04).",
            (*names, "materials.policy"),
        )


def _scoring(profile: Profile, on: date) -> Iterator[Finding]:
    mode = Mode(_known(profile, "scoring.mode", on) or Mode.BY_GRADE_SPEC)
    if mode == Mode.LITERAL_ORDER_FORM:
        yield Finding(
            Level.WARNING,
            "literal-order-form",
            "Включено буквальное чтение формы приказа: 22 балла и 9 за устную часть для всех "
            "классов 2–11. По опубликованным порогам во 2–5 классах всего 20 баллов (C-17).",
            ("scoring.mode",),
        )
    waiting = []
    for grade in range(1, 12):
        form = Form.ORAL if grade == 1 else Form.ORAL_WRITTEN
        try:
            spec = specification(grade, form, on=on, mode=mode)
        except NoSuchSpecification as missing:
            yield Finding(Level.ERROR, "no-specification", str(missing))
            continue
        if spec.status == SpecStatus.NEEDS_SPECIFICATION:
            waiting.append(str(grade))
    if waiting:
        yield Finding(
            Level.NOTE,
            "specification-not-loaded",
            f"Для классов {', '.join(waiting)} письменные критерии не загружены: до загрузки "
            "спецификации вводится сумма письменной части.",
        )


def _expired_acts(profile: Profile, on: date) -> Iterator[Finding]:
    """Values that outlived the act they stand in: somebody has to name the act in its place."""
    outlived: dict[Act, list[str]] = {}
    for name in profile.names():
        for value in profile.candidates(name, on=on)[:1]:
            act = value.source.act
            if act.in_force_until and act.in_force_until < on:
                outlived.setdefault(act, []).append(name)
    for act, names in outlived.items():
        yield Finding(
            Level.WARNING,
            "act-expired",
            f"{act.short}: действие ограничено {act.in_force_until}, а значения на него опираются. "
            "Найдите акт, который его сменил, и подтвердите значения своим профилем.",
            tuple(names),
        )


def _calendar(profile: Profile, on: date) -> Iterator[Finding]:
    last = profile.days.last_day
    if on.year not in profile.days.years:
        yield Finding(
            Level.ERROR,
            "no-calendar",
            f"На {on.year} год нет календаря: ни один срок в рабочих днях не посчитать.",
        )
    elif last - on < timedelta(days=120):
        yield Finding(
            Level.WARNING,
            "calendar-ends",
            f"Календарь кончается {last}: сроки, уходящие дальше, считать не из чего. Загрузите "
            f"календарь на {last.year + 1} год.",
        )


def _unconfirmed(profile: Profile, on: date) -> Iterator[Finding]:
    names = tuple(
        name
        for name in profile.names()
        for value in profile.candidates(name, on=on)[:1]
        if value.certainty == Certainty.D
    )
    if names:
        yield Finding(
            Level.NOTE,
            "not-confirmed",
            "Значений, о которых изученные акты молчат или двусмысленны (степень D): "
            f"{len(names)}. Их подтверждает регион.",
            names,
        )


def _known(profile: Profile, name: str, on: date) -> Any:
    """The bare value, or None where there is none on the day."""
    try:
        value: Value = profile.value(name, on=on)
    except NotInForce:
        return None
    return value.value


def _working_days(count: int, *, of: bool = False) -> str:
    """«2 рабочих дня», «6 рабочих дней»; `of` — after a word that asks for the genitive."""
    one = count % 10 == 1 and count % 100 != 11
    few = count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14)
    if one:
        return f"{count} рабочего дня" if of else f"{count} рабочий день"
    return f"{count} рабочих дня" if few and not of else f"{count} рабочих дней"
