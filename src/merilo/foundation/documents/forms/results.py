"""Marks, results, and the papers that carry them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Literal

from .parties import Organisation, Signatory


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One row of marks. `points` None: not marked (a blank form)."""

    code: str
    points: int | None = None
    max_points: int | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task and its criteria, in the order of the scoring specification."""

    title: str  # «Задание 9»
    criteria: tuple[Criterion, ...]


def tasks_from(rows: Iterable[tuple[int, str, int | None, int | None]]) -> tuple[Task, ...]:
    """Rows (task number, code, maximum, points) of a specification, gathered under their tasks."""
    return tuple(
        Task(
            title=f"Задание {number}",
            criteria=tuple(
                Criterion(code=code, max_points=maximum, points=points)
                for _, code, maximum, points in group
            ),
        )
        for number, group in groupby(rows, key=itemgetter(0))
    )


@dataclass(frozen=True, kw_only=True)
class Part:
    """The oral or the written part. No tasks: the specification is not loaded, only the sum."""

    variant: str = ""
    tasks: tuple[Task, ...] = ()
    total: int | None = None
    total_max: int | None = None


@dataclass(frozen=True, kw_only=True)
class Annulment:
    """The chair's decision that the attempt does not count: Порядок, п. 7.5; письмо, п. 18."""

    reason_code: str
    reason: str
    law: str
    decided_on: date
    decided_by: str


@dataclass(frozen=True, kw_only=True)
class ResultNotice:
    """«Уведомление о результатах тестирования»: Порядок апелляции, Приложение 1, both layouts.

    Grade 1 takes the layout «1 класс», all others «2-11 класс». `written` None: the oral part
    only. `as_order_form` prints the bare form of the order with its own minimums (22 and 9) and
    nothing of ours; it is refused where the attempt was judged by other minimums.
    With an annulment no points are printed at all.
    """

    testing_org: str
    test_date: date
    grade: int
    full_name: str
    id_document: str
    oral: Part
    written: Part | None
    total: int | None
    total_max: int | None
    percent: Decimal | None  # of the maximum, 0–100, unrounded; printed with one decimal
    total_min: int | None
    oral_min: int | None
    total_reached: bool
    oral_reached: bool
    passed: bool
    annulment: Annulment | None = None
    as_order_form: bool = False
    number: str = ""
    issued_on: date | None = None
    unique_code: str = ""
    next_steps: tuple[str, ...] = ()  # plain words for the parent: appeal until, retest from
    signatory: Signatory | None = None


@dataclass(frozen=True, kw_only=True)
class Extract:
    """«Выписка из протокола Комиссии по проведению тестирования»: Порядок, п. 4.4.6.

    From the testing organisation to the school that issued the referral; one participant.
    """

    number: str
    issued_on: date
    protocol_number: str
    protocol_date: date
    testing_org: Organisation
    school: str
    place: str
    test_date: date
    full_name: str
    birth_date: date
    grade: int
    unique_code: str
    referral_number: str
    referral_date: date
    oral: Part
    written: Part | None
    total: int | None
    total_max: int | None
    percent: Decimal | None
    total_min: int | None
    oral_min: int | None
    passed: bool
    signatory: Signatory
    annulment: Annulment | None = None
    attempt_no: int = 1
    law: str = ""


@dataclass(frozen=True, kw_only=True)
class MarkProtocol:
    """«Протокол проверки ответов»: Порядок, п. 8.1; письмо, п. 16. One participant, one part.

    `blank` prints the form for the pen: marks, total, expert and date stay empty lines, and so
    does any other field given as "". Without tasks (the specification is not loaded) the expert
    gets `empty_rows` rows to write the codes in.
    """

    part: Literal["oral", "written"]
    testing_org: str
    place: str
    test_date: date
    full_name: str
    grade: int
    room: str
    variant: str
    tasks: tuple[Task, ...]
    total: int | None = None
    total_max: int | None = None
    expert: str = ""
    checked_on: date | None = None
    unique_code: str = ""
    scheme: str = ""  # «по аудиозаписи», «во время устного ответа»
    version: int = 1
    version_reason: str = ""
    blank: bool = False
    empty_rows: int = 14
