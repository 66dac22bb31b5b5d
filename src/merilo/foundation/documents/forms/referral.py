"""The referral to testing."""

from dataclasses import dataclass
from datetime import date

from .parties import Organisation, Signatory

# Documents named by the order itself as those that identify a person (Порядок, п. 7.2).
DOCUMENTS_TO_BRING = (
    "документ, удостоверяющий личность родителя (законного представителя)",
    "документ, удостоверяющий личность участника тестирования: свидетельство о рождении, "
    "заграничный паспорт, вид на жительство или иной документ",
    "настоящее уведомление",
)

IN_PERSON = (
    "Записаться нужно лично: родителю (законному представителю) участника, а совершеннолетнему "
    "участнику — самому. По телефону и электронной почте запись не ведётся."
)


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
    replaces: str = ""  # number of the referral the ministry has put this one in place of
    dates: tuple[TestDate, ...] = ()
    lead_wd: int | None = None  # the chosen date is not earlier than so many working days
    retest_not_before: date | None = None
    in_person: str = IN_PERSON
    documents_to_bring: tuple[str, ...] = DOCUMENTS_TO_BRING
    law: str = ""  # «Порядок проведения тестирования …, п. 3.1–3.3, 4.5.2»
    received_on: date | None = None
    received_how: str = ""
