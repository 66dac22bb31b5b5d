"""Letters: a return, a refusal, and any other."""

from dataclasses import dataclass
from datetime import date

from .parties import Organisation, Signatory


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
