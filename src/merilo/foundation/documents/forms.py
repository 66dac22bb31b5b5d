"""What each document is made of: frozen values, already decided by the contexts that own them.

Nothing here computes law: deadlines, sums and «прошёл / не прошёл» arrive as values. The builders
only refuse a document that contradicts itself (see `Contradiction`).

Sources: «Порядок» is Приложение 1 and «Порядок апелляции» Приложение 3 of the order of the
ministry of education of Primorsky Krai, 21.04.2025 N пр.23а-566; «письмо» is the letter of
Минпросвещения, 31.03.2025 N 03-608.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Literal


class Contradiction(ValueError):
    """The values of one document do not agree with each other; nothing is printed."""


# Documents named by the order itself as those that identify a person (Порядок, п. 7.2).
DOCUMENTS_TO_BRING = (
    "документ, удостоверяющий личность родителя (законного представителя)",
    "документ, удостоверяющий личность участника тестирования: свидетельство о рождении, "
    "заграничный паспорт, вид на жительство или иной документ",
    "настоящее уведомление",
)

IN_PERSON = (
    "Записаться нужно лично: родителю (законному представителю) несовершеннолетнего участника; "
    "участник, достигший 18 лет, записывается сам. По телефону и электронной почте "
    "запись не ведётся."
)


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """An organisation as a letterhead or an address block; empty parts are left out."""

    name: str
    address: str = ""
    phone: str = ""
    email: str = ""
    above: str = ""  # the body printed over the name: «Администрация города Находки»


@dataclass(frozen=True, kw_only=True)
class Signatory:
    """Who signs. An empty name leaves a line to be filled in by hand."""

    position: str
    name: str = ""


# --- referral ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class TestDate:
    """One day of the approved schedule offered to the parent; `note`: «есть 4 места»."""

    __test__ = False  # not a test class, whatever pytest reads in the name

    day: date
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Referral:
    """«Уведомление о направлении на тестирование»: Порядок, п. 3.1–3.3, 4.3.1 and 4.5.2.

    The order names the paper as its Приложение 4 and does not print it; the fields are the
    minimum its other paragraphs need. `book_until` stays None until the parent's receipt is
    known: the term then runs «со дня получения» and no date is printed.
    """

    number: str
    issued_on: date
    school: Organisation
    full_name: str
    birth_date: date
    id_document: str
    grade: int
    oral_only: bool
    testing_org: Organisation
    book_within_wd: int
    book_until: date | None
    miss_consequence: str  # of the profile: what happens when nobody books in time
    status_url: str  # the public status page, without the number
    signatory: Signatory
    place: str = ""  # ППТ, where its address differs from the testing organisation's
    attempt_no: int = 1
    dates: tuple[TestDate, ...] = ()
    lead_wd: int | None = None  # the chosen date is not earlier than so many working days
    retest_not_before: date | None = None
    in_person: str = IN_PERSON
    documents_to_bring: tuple[str, ...] = DOCUMENTS_TO_BRING
    law: str = ""  # «Порядок проведения тестирования …, п. 3.1–3.3, 4.5.2»
    received_on: date | None = None
    received_how: str = ""


# --- marks and results ------------------------------------------------------------------------


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


# --- the protocol of the day ------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CommissionMember:
    """A member of the commission and the duties of this day (Порядок, п. 6.2)."""

    name: str
    duty: str


@dataclass(frozen=True, kw_only=True)
class DayParticipant:
    """One who came. `documents`: what was shown at the door (Порядок, п. 7.2)."""

    code: str
    full_name: str
    grade: int
    oral_only: bool
    variant_oral: str = ""
    variant_written: str = ""
    room_oral: str = ""
    room_written: str = ""
    arrived_at: time | None = None
    documents: str = ""
    outcome: str = ""  # «прошёл тестирование полностью», «аннулировано»


@dataclass(frozen=True, kw_only=True)
class NoShow:
    """One who was booked and did not come (Порядок, п. 4.4.7, 7.1)."""

    full_name: str
    grade: int
    referral_number: str
    school: str = ""
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class DayAnnulment:
    """An annulment as entered in the protocol of the day (Порядок, п. 7.5)."""

    code: str
    full_name: str
    reason_code: str
    reason: str
    law: str
    decided_by: str
    decided_at: time | None = None


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Something the commission wrote down; `measures`: what was done about it."""

    words: str
    at: time | None = None
    measures: str = ""


@dataclass(frozen=True, kw_only=True)
class DayProtocol:
    """«Протокол проведения тестирования»: Порядок, п. 7; письмо, п. 18."""

    number: str
    test_date: date
    testing_org: str
    place: str
    place_address: str
    commission: tuple[CommissionMember, ...]
    participants: tuple[DayParticipant, ...]
    no_shows: tuple[NoShow, ...] = ()
    annulments: tuple[DayAnnulment, ...] = ()
    incidents: tuple[Incident, ...] = ()
    briefing_at: time | None = None
    oral_started_at: time | None = None
    oral_finished_at: time | None = None
    written_started_at: time | None = None
    written_finished_at: time | None = None
    scheme: str = ""  # how oral answers were marked (Порядок, п. 4.4.11)
    appointed_by: str = ""  # «приказ от 10.03.2026 № 14» — the act that named the commission


# --- letters ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter of an organisation: an invitation, an answer, information of a no-show."""

    organisation: Organisation
    number: str
    issued_on: date
    addressee: tuple[str, ...]  # lines of the address block
    title: str
    paragraphs: tuple[str, ...]
    signatory: Signatory
    items: tuple[str, ...] = ()  # a numbered list after the paragraphs
    closing: tuple[str, ...] = ()  # paragraphs after the list
    law: str = ""
    attachments: tuple[str, ...] = ()
    contact: str = ""  # «Исполнитель: Петрова А. А., 8 (423) 200-00-00»


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One reason why the set of documents is incomplete, and what to do about it."""

    document: str
    problem: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class ReturnLetter:
    """Возврат заявления без рассмотрения: every defect of the set at once."""

    school: Organisation
    number: str
    issued_on: date
    addressee: tuple[str, ...]
    application_number: str
    application_date: date
    full_name: str
    grade: int
    defects: tuple[Defect, ...]
    signatory: Signatory
    law: str = ""
    reapply: str = (
        "Заявление можно подать снова, когда комплект будет полным. "
        "Срок повторной подачи не ограничен."
    )
    contact: str = ""


@dataclass(frozen=True, kw_only=True)
class RefusalReason:
    """One reason of a refusal with the act and paragraph it stands on."""

    words: str
    law: str = ""


@dataclass(frozen=True, kw_only=True)
class RefusalLetter:
    """Отказ в приёме: недостоверные сведения, нет свободных мест, тестирование не пройдено."""

    school: Organisation
    number: str
    issued_on: date
    addressee: tuple[str, ...]
    application_number: str
    application_date: date
    full_name: str
    grade: int
    reasons: tuple[RefusalReason, ...]
    signatory: Signatory
    what_next: tuple[str, ...] = ()
    law: str = ""
    attachments: tuple[str, ...] = ()
    contact: str = ""


# --- sheets -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a list. `width` in characters; `kind` decides how a cell is written."""

    key: str
    heading: str
    width: int = 16
    kind: Literal["text", "number", "date", "datetime", "percent"] = "text"


Row = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class TemplateColumn:
    """A column of an import template: what to write there and an example."""

    heading: str
    example: str
    help: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    width: int = 22
