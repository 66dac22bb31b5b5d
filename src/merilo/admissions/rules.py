"""An application, its documents and the referral: what is complete, who is tested, what comes next.

Sources: letter 03-608 pp. 4, 11, 22–23; order пр.23а-566 annex 1 sections 2–4; order 727.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from merilo.casework.rules import DutyFacts, Term, term
from merilo.law import Answer, Form, Profile, Reason, Refusal, Value, add_months, add_years
from merilo.law.refusal import _


class ApplicationState(StrEnum):
    COMPLETENESS_CHECK = "completeness_check"
    RETURNED_INCOMPLETE = "returned_incomplete"
    AUTHENTICITY_CHECK = "authenticity_check"
    REFUSED_UNRELIABLE = "refused_unreliable"
    REFUSED_NO_PLACES = "refused_no_places"
    NO_TEST_REQUIRED = "no_test_required"
    REFERRED = "referred"
    CANCELLED_NOT_BOOKED = "cancelled_not_booked"
    AWAITING_RESULT = "awaiting_result"
    NO_SHOW = "no_show"
    PASSED = "passed"
    FAILED = "failed"
    ENROLLED = "enrolled"
    REFUSED_TEST_FAILED = "refused_test_failed"
    REAPPLIED = "reapplied"
    WITHDRAWN = "withdrawn"


S = ApplicationState
TRANSITIONS: dict[ApplicationState, frozenset[ApplicationState]] = {
    S.COMPLETENESS_CHECK: frozenset(
        {S.RETURNED_INCOMPLETE, S.AUTHENTICITY_CHECK, S.REFUSED_NO_PLACES, S.WITHDRAWN}
    ),
    S.RETURNED_INCOMPLETE: frozenset({S.COMPLETENESS_CHECK, S.WITHDRAWN}),
    S.AUTHENTICITY_CHECK: frozenset(
        {
            S.REFUSED_UNRELIABLE,
            S.REFUSED_NO_PLACES,
            S.NO_TEST_REQUIRED,
            S.REFERRED,
            S.WITHDRAWN,
        }
    ),
    S.REFUSED_UNRELIABLE: frozenset({S.REAPPLIED}),
    S.REFUSED_NO_PLACES: frozenset({S.REAPPLIED}),
    S.NO_TEST_REQUIRED: frozenset({S.ENROLLED, S.REFUSED_NO_PLACES}),
    S.REFERRED: frozenset(
        {
            S.AUTHENTICITY_CHECK,  # the referral was wrong and is taken back
            S.AWAITING_RESULT,
            S.CANCELLED_NOT_BOOKED,
            S.REFUSED_UNRELIABLE,
            S.WITHDRAWN,
        }
    ),
    S.CANCELLED_NOT_BOOKED: frozenset({S.REAPPLIED}),
    S.AWAITING_RESULT: frozenset({S.REFERRED, S.NO_SHOW, S.PASSED, S.FAILED, S.WITHDRAWN}),
    S.NO_SHOW: frozenset({S.REFERRED, S.CANCELLED_NOT_BOOKED, S.WITHDRAWN}),
    S.PASSED: frozenset({S.ENROLLED, S.REFUSED_NO_PLACES, S.FAILED}),
    S.FAILED: frozenset({S.REFUSED_TEST_FAILED, S.PASSED}),
    S.ENROLLED: frozenset(),
    S.REFUSED_TEST_FAILED: frozenset({S.REAPPLIED}),
    S.REAPPLIED: frozenset(),
    S.WITHDRAWN: frozenset(),
}

# Every case must reach one of these: the «lost 2.3 thousand» of the first year.
END_STATES = frozenset(
    {
        S.REFUSED_UNRELIABLE,
        S.REFUSED_NO_PLACES,
        S.CANCELLED_NOT_BOOKED,
        S.ENROLLED,
        S.REFUSED_TEST_FAILED,
        S.REAPPLIED,
        S.WITHDRAWN,
    }
)


class ReferralState(StrEnum):
    ISSUED = "issued"
    DELIVERED = "delivered"
    BOOKED = "booked"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNUSED_NO_SHOW = "unused_no_show"


R = ReferralState
REFERRAL_TRANSITIONS: dict[ReferralState, frozenset[ReferralState]] = {
    R.ISSUED: frozenset({R.DELIVERED, R.REVOKED}),
    R.DELIVERED: frozenset({R.BOOKED, R.EXPIRED, R.REVOKED}),
    R.BOOKED: frozenset({R.DELIVERED, R.USED, R.UNUSED_NO_SHOW, R.REVOKED}),
    R.USED: frozenset(),
    R.EXPIRED: frozenset(),
    R.REVOKED: frozenset(),
    R.UNUSED_NO_SHOW: frozenset({R.BOOKED, R.REVOKED, R.EXPIRED}),
}


class Channel(StrEnum):
    EPGU = "EPGU"
    RPGU = "RPGU"
    POST = "POST"
    ON_BEHALF = "ON_BEHALF"  # school enters what came by another lawful way, actor recorded
    IN_PERSON = "IN_PERSON"


class Category(StrEnum):
    GENERAL = "GENERAL"
    COMPATRIOT = "COMPATRIOT"
    SHARED_VALUES = "SHARED_VALUES"
    DIPLOMATIC = "DIPLOMATIC"
    EXEMPT_BELARUS = "EXEMPT_BELARUS"
    EXEMPT_TRANSFER = "EXEMPT_TRANSFER"
    EXEMPT_GIA9 = "EXEMPT_GIA9"


class DocumentKind(StrEnum):
    KINSHIP = "kinship"
    STAY_CHILD = "stay_child"
    STAY_REPRESENTATIVE = "stay_representative"
    IDENTITY_CHILD = "identity_child"
    FINGERPRINTS = "fingerprints"
    RUSSIAN_STUDY = "russian_study"
    SNILS = "snils"
    INN = "inn"
    EMPLOYMENT = "employment"
    MEDICAL = "medical"
    TRANSFER_FILE = "transfer_file"
    STUDY_PERIOD = "study_period"
    GIA_CERTIFICATE = "gia_certificate"
    CATEGORY_PROOF = "category_proof"


DOCUMENT_NAMES: dict[DocumentKind, str] = {
    DocumentKind.KINSHIP: _("Родство или законность представления прав ребёнка"),
    DocumentKind.STAY_CHILD: _("Законность нахождения ребёнка в России"),
    DocumentKind.STAY_REPRESENTATIVE: _("Законность нахождения представителя в России"),
    DocumentKind.IDENTITY_CHILD: _("Документ, удостоверяющий личность ребёнка"),
    DocumentKind.FINGERPRINTS: _("Дактилоскопическая регистрация и фотографирование ребёнка"),
    DocumentKind.RUSSIAN_STUDY: _("Изучение русского языка в организациях иностранного государства"),
    DocumentKind.SNILS: _("СНИЛС ребёнка и представителя"),
    DocumentKind.INN: _("ИНН представителя"),
    DocumentKind.EMPLOYMENT: _("Трудовая деятельность представителя"),
    DocumentKind.MEDICAL: _("Медицинское заключение об отсутствии инфекционных заболеваний"),
    DocumentKind.TRANSFER_FILE: _("Личное дело обучающегося из прежней школы"),
    DocumentKind.STUDY_PERIOD: _("Справка о периоде обучения с текущими отметками"),
    DocumentKind.GIA_CERTIFICATE: _("Аттестат об основном общем образовании"),
    DocumentKind.CATEGORY_PROOF: _("Подтверждение льготной категории"),
}


class DocumentState(StrEnum):
    MISSING = "missing"
    PROVIDED = "provided"
    ACCEPTED = "accepted"
    INVALID = "invalid"
    EXPIRED = "expired"
    UNTRANSLATED = "untranslated"
    NOT_REQUIRED = "not_required"


class RegisterCheck(StrEnum):
    """The register of controlled persons."""

    NOT_DONE = "not_done"
    CLEAR = "clear"
    LISTED = "listed"


class DecisionKind(StrEnum):
    RETURNED_INCOMPLETE = "returned_incomplete"
    COMPLETE = "complete"
    REFUSED_UNRELIABLE = "refused_unreliable"
    REFUSED_NO_PLACES = "refused_no_places"
    NO_TEST_REQUIRED = "no_test_required"
    REFERRED = "referred"
    ANNULLED_NOT_BOOKED = "annulled_not_booked"
    ENROLLED = "enrolled"
    REFUSED_TEST_FAILED = "refused_test_failed"
    WITHDRAWN = "withdrawn"


class UnreliableReason(StrEnum):
    FALSE_DOCUMENT = "false_document"
    FALSE_STATEMENT = "false_statement"
    CONTROLLED_PERSON = "controlled_person"
    STAY_UNLAWFUL = "stay_unlawful"


class Evidence(StrEnum):
    """What proves that the parent has the referral: its day starts the term of booking."""

    PORTAL_READ = "portal_read"
    POSTAL_RECEIPT = "postal_receipt"
    SIGNATURE = "signature"


EVIDENCE_NAMES: dict[Evidence, str] = {
    Evidence.PORTAL_READ: _("прочитано в личном кабинете портала"),
    Evidence.POSTAL_RECEIPT: _("уведомление о вручении заказного письма"),
    Evidence.SIGNATURE: _("подпись родителя о получении"),
}


class Training(StrEnum):
    """Additional training in Russian after an unsuccessful test (F.22): the parent chooses."""

    OFFERED = "offered"
    CHOSEN = "chosen"
    SELF_ORGANISED = "self_organised"
    DECLINED = "declined"


TRAINING_NAMES: dict[Training, str] = {
    Training.OFFERED: _("предложено, ждём выбора родителя"),
    Training.CHOSEN: _("выбрано из предложенных организаций"),
    Training.SELF_ORGANISED: _("родитель организует обучение сам"),
    Training.DECLINED: _("родитель отказался"),
}


UNRELIABLE_NAMES: dict[UnreliableReason, str] = {
    UnreliableReason.FALSE_DOCUMENT: _("документ недостоверен"),
    UnreliableReason.FALSE_STATEMENT: _("сведения в заявлении недостоверны"),
    UnreliableReason.CONTROLLED_PERSON: _("сведения в реестре контролируемых лиц"),
    UnreliableReason.STAY_UNLAWFUL: _("законность нахождения не подтверждена"),
}

# --- reasons -------------------------------------------------------------------------------------

WRONG_STEP = Reason(
    "admissions.wrong-step",
    _("Сейчас это сделать нельзя: заявление на шаге «%(state)s». Обновите страницу дела."),
)
CHANNEL_NOT_ALLOWED = Reason(
    "admissions.channel-not-allowed",
    _(
        "Заявление таким способом не подают. Примите его через ЕПГУ, РПГУ или заказным письмом с "
        "уведомлением."
    ),
)
GRADE_OUT_OF_RANGE = Reason(
    "admissions.grade-out-of-range", _("Класс бывает от 1 до 11, а указан %(grade)s.")
)
NO_CONSENT = Reason(
    "admissions.no-consent",
    _("В заявлении нет согласия на тестирование. Попросите заявителя отметить его."),
)
BORN_IN_FUTURE = Reason(
    "admissions.impossible-birth-date",
    _("Дата рождения %(born)s невозможна для поступающего. Проверьте год."),
)
NEEDS_REPRESENTATIVE = Reason(
    "admissions.needs-representative",
    _("Поступающему нет 18 лет: заявление подаёт родитель или законный представитель."),
)
FUTURE_SUBMISSION = Reason(
    "admissions.submitted-in-future",
    _("Дата подачи %(submitted)s ещё не наступила. Укажите день, когда заявление поступило."),
)
NO_CITIZENSHIP = Reason(
    "admissions.no-citizenship",
    _("Укажите гражданство или отметьте «лицо без гражданства»."),
)
DOCUMENT_MISSING = Reason(
    "admissions.document-missing", _("Нет документа: %(document)s. Приложите его.")
)
DOCUMENT_EXPIRED = Reason(
    "admissions.document-expired",
    _("Истёк срок документа: %(document)s, действовал до %(until)s. Приложите действующий."),
)
DOCUMENT_EXPIRED_UNDATED = Reason(
    "admissions.document-expired-undated",
    _("Документ просрочен: %(document)s. Приложите действующий."),
)
DOCUMENT_UNTRANSLATED = Reason(
    "admissions.document-untranslated",
    _("Нет заверенного перевода на русский язык: %(document)s. Приложите перевод."),
)
DOCUMENT_INVALID = Reason(
    "admissions.document-invalid", _("Документ не принят: %(document)s. %(comment)s")
)
DOCUMENT_NOT_CHECKED = Reason(
    "admissions.document-not-checked",
    _("Не отмечено состояние документа: %(document)s. Отметьте «принят» или причину."),
)
INCOMPLETE_SET = Reason(
    "admissions.incomplete-set",
    _("Комплект неполный: замечаний — %(count)s. Верните заявление или дождитесь документов."),
)
NOTHING_TO_RETURN = Reason(
    "admissions.nothing-to-return",
    _("Замечаний к документам нет, возвращать заявление не за что. Отметьте комплект полным."),
)
REGISTER_NOT_CHECKED = Reason(
    "admissions.register-not-checked",
    _("Не отмечена проверка по реестру контролируемых лиц. Проверьте и отметьте итог."),
)
REGISTER_LISTED = Reason(
    "admissions.register-listed",
    _("Сведения о заявителе есть в реестре контролируемых лиц: направление не выдают."),
)
EXEMPT_FROM_TEST = Reason(
    "admissions.exempt",
    _("Тестирование не требуется: категория «%(category)s». Оформите приём без тестирования."),
)
NOT_EXEMPT = Reason(
    "admissions.not-exempt",
    _("Категория «%(category)s» от тестирования не освобождает. Выдайте направление."),
)
EXEMPTION_NOT_PROVED = Reason(
    "admissions.exemption-not-proved",
    _("Освобождение не подтверждено: нет документа «%(document)s». Запросите его у родителя."),
)
CATEGORY_NOT_PROVED = Reason(
    "admissions.category-not-proved",
    _("Категория не подтверждена: нет документа «%(document)s». Запросите его у родителя."),
)
FOREIGN_TESTING_ORG = Reason(
    "admissions.testing-org-not-nearest",
    _("Школе назначена другая тестирующая организация. Иное место решает министерство."),
)
REFERRAL_EXISTS = Reason(
    "admissions.referral-exists", _("По этому заявлению направление уже выдано: %(number)s.")
)
PASSED_BEFORE = Reason(
    "admissions.passed-before",
    _("Ребёнок уже успешно прошёл тестирование %(on)s в %(grade)s класс. Решите, нужно ли новое."),
    warning=True,
)
POSSIBLE_DUPLICATE = Reason(
    "admissions.possible-duplicate",
    _("Похожий человек уже есть: заявление № %(number)s. Проверьте, не тот же ли это ребёнок."),
    warning=True,
)
COPIES_NOT_SENT = Reason(
    "admissions.copies-not-sent",
    _(
        "Копия направления передана не всем: %(missing)s. Передайте копию, затем отметьте вручение."
    ),
)
RECEIPT_BEFORE_ISSUE = Reason(
    "admissions.receipt-before-issue",
    _("Направление выдано %(issued)s, вручить его раньше нельзя. Исправьте дату."),
)
RECEIPT_IN_FUTURE = Reason(
    "admissions.receipt-in-future", _("Дата вручения ещё не наступила. Укажите день вручения.")
)
NO_EVIDENCE = Reason(
    "admissions.no-evidence",
    _("Укажите, чем подтверждено получение направления: от этого дня идёт срок записи."),
)
NOT_YET_EXPIRED = Reason(
    "admissions.not-yet-expired",
    _("Срок записи не истёк: последний день — %(last_day)s."),
)
CLOCK_NOT_STARTED = Reason(
    "admissions.clock-not-started",
    _("Срок записи не начался: дата получения направления не подтверждена."),
)
MISS_HAS_NO_CONSEQUENCE = Reason(
    "admissions.miss-has-no-consequence",
    _("По правилам этого профиля пропуск срока записи не аннулирует заявление."),
)
NO_OUTCOME = Reason(
    "admissions.no-outcome",
    _("Решение о приёме принимают после результата тестирования. Дождитесь результата."),
)
NO_REASON_CHOSEN = Reason(
    "admissions.no-reason", _("Отметьте хотя бы одну причину отказа: её увидит родитель.")
)
DOCUMENTS_CLOSED = Reason(
    "admissions.documents-closed",
    _("На шаге «%(state)s» отметки о документах не меняют. Они — часть принятого решения."),
)
DOCUMENT_NEEDS_COMMENT = Reason(
    "admissions.document-needs-comment",
    _("Напишите, что не так с документом «%(document)s»: это прочтёт родитель."),
)
TRAINING_NOT_DUE = Reason(
    "admissions.training-not-due",
    _("Дополнительное обучение предлагают после неуспешного тестирования."),
)
NO_EXAM_CODE = Reason(
    "admissions.no-exam-code",
    _("У школы нет трёхзначного кода ГИА, номер заявлению дать нельзя. Попросите администратора."),
)
NO_TESTING_ORG = Reason(
    "admissions.no-testing-org",
    _("Школе не назначена тестирующая организация. Обратитесь в министерство."),
)
NO_MOUO = Reason(
    "admissions.no-mouo",
    _("В реестре нет МОУО этой школы, копию передать некому. Попросите администратора."),
)
NO_SHOW_ENDS_CASE = Reason(
    "admissions.no-show-ends-case",
    _("По правилам этого профиля после неявки подают новое заявление. Закройте дело."),
)
NO_SHOW_MAY_REBOOK = Reason(
    "admissions.no-show-may-rebook",
    _("По правилам этого профиля после неявки можно записаться ещё раз. Разрешите перезапись."),
)
UNRELIABLE = Reason(
    "admissions.unreliable", _("Проверка достоверности не пройдена: %(what)s.")
)
NO_PLACES = Reason(
    "admissions.no-places", _("В школе нет свободных мест в классе, куда подано заявление.")
)
TEST_FAILED = Reason(
    "admissions.test-failed", _("Тестирование %(on)s не пройдено: нет достаточного уровня.")
)
TERM_RAN_OUT = Reason(
    "admissions.term-ran-out", _("До %(last_day)s никто не записался на тестирование.")
)
RESUBMITTED_BEFORE = Reason(
    "admissions.resubmitted-before",
    _("Документы подали повторно не раньше %(before)s. Исправьте дату."),
)
REGISTER_TOO_EARLY = Reason(
    "admissions.register-step",
    _("Проверку по реестру отмечают на шагах проверки документов, а заявление: «%(state)s»."),
)
REVOKE_NEEDS_WORDS = Reason(
    "admissions.revoke-needs-words",
    _("Напишите, почему направление отзывают: это прочтут родитель и тестирующая организация."),
)
BOOKED_FIRST_CANCEL = Reason(
    "admissions.booked",
    _("Ребёнок записан на тестирование. Сначала тестирующая организация отменяет запись."),
)
NOT_A_LIKENESS = Reason(
    "admissions.not-a-likeness",
    _("Этого человека нельзя выбрать: данные не совпадают. Проверьте документ и дату рождения."),
)
NEXT_ONLY_AFTER_END = Reason(
    "admissions.previous-not-ended",
    _("Прежнее заявление № %(number)s ещё рассматривается. Дождитесь решения по нему."),
)


# --- facts ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DocumentFacts:
    kind: DocumentKind
    state: DocumentState
    valid_until: date | None = None
    comment: str = ""


@dataclass(frozen=True)
class Requirement:
    """A document of the set and whether the set is incomplete without it."""

    kind: DocumentKind
    mandatory: bool
    needs_translation: bool
    value: Value = field(compare=False)


@dataclass(frozen=True)
class ApplicationFacts:
    """What the rules need to know of an application, and no more."""

    grade: int
    category: Category
    birth_date: date
    received_on: date
    state: ApplicationState = ApplicationState.COMPLETENESS_CHECK
    channel: Channel = Channel.EPGU
    consent_to_test: bool = True
    has_representative: bool = True
    citizenship: str = "?"
    stateless: bool = False
    submitted_on: date | None = None
    documents: tuple[DocumentFacts, ...] = ()
    register_check: RegisterCheck = RegisterCheck.NOT_DONE
    full_set_on: date | None = None


@dataclass(frozen=True)
class ReferralFacts:
    state: ReferralState
    issued_on: date
    received_on: date | None
    copies_sent_to: frozenset[str] = frozenset()


# --- rules ---------------------------------------------------------------------------------------


def age_on(birth_date: date, day: date) -> int:
    """Full years on the day; a person is of age on the birthday itself."""
    years = day.year - birth_date.year
    return years - (add_years(birth_date, years) > day)


def reasons_against_move(state: ApplicationState, to: ApplicationState) -> Iterator[Refusal]:
    if to not in TRANSITIONS[state]:
        yield WRONG_STEP(state=STATE_NAMES[state])


def reasons_against_registering(
    application: ApplicationFacts, *, today: date, profile: Profile
) -> Iterator[Refusal]:
    """Why an application may not be taken in at all. Defects of documents are not among them."""
    on = application.received_on
    channels = profile.value("admissions.channels", on=on)
    if application.channel not in channels.value:
        yield CHANNEL_NOT_ALLOWED(channels)
    low = profile.value("admissions.min_grade", on=on)
    high = profile.value("admissions.max_grade", on=on)
    if not low.value <= application.grade <= high.value:
        yield GRADE_OUT_OF_RANGE(high, grade=application.grade)
    if not application.consent_to_test:
        yield NO_CONSENT()
    if not application.citizenship and not application.stateless:
        yield NO_CITIZENSHIP()
    if on > today or (application.submitted_on and application.submitted_on > today):
        yield FUTURE_SUBMISSION(submitted=max(on, application.submitted_on or on))
    if not 3 <= (today.year - application.birth_date.year) <= 60:
        yield BORN_IN_FUTURE(born=application.birth_date)
    else:
        adult = profile.value("admissions.adult_age", on=on)
        if age_on(application.birth_date, on) < adult.value and not application.has_representative:
            yield NEEDS_REPRESENTATIVE(adult)


def required_documents(
    grade: int,
    birth_date: date,
    category: Category,
    *,
    on: date,
    profile: Profile,
    has_representative: bool = True,
) -> tuple[Requirement, ...]:
    """The set of documents for this child on that day, mandatory and «при наличии».

    An adult who applies for himself owes no papers of a representative.
    """
    table = profile.value("admissions.mandatory_documents", on=on)
    age = age_on(birth_date, on)
    found = []
    for kind, terms in table.value.items():
        fits_category = not terms.get("categories") or category in terms["categories"]
        exempted = category in terms.get("not_for", ())
        if (
            grade < terms.get("min_grade", 1)
            or age < terms.get("min_age", 0)
            or not fits_category
            or exempted
            or (not has_representative and terms.get("subjects") == ["representative"])
        ):
            continue
        found.append(
            Requirement(
                DocumentKind(kind),
                bool(terms.get("mandatory", True)),
                bool(terms.get("needs_translation", True)),
                table,
            )
        )
    return tuple(found)


def documents_of(
    application: ApplicationFacts, *, on: date, profile: Profile
) -> tuple[Requirement, ...]:
    """`required_documents` of this application."""
    return required_documents(
        application.grade,
        application.birth_date,
        application.category,
        on=on,
        profile=profile,
        has_representative=application.has_representative,
    )


def defects(
    application: ApplicationFacts, *, on: date, profile: Profile
) -> tuple[Refusal, ...]:
    """All defects of the set at once, each with what to do. Empty means the set is full."""
    given = {document.kind: document for document in application.documents}
    found: list[Refusal] = []
    for requirement in documents_of(application, on=on, profile=profile):
        name = DOCUMENT_NAMES[requirement.kind]
        document = given.get(requirement.kind)
        source = requirement.value
        state = document.state if document else DocumentState.MISSING
        if state == DocumentState.MISSING and requirement.mandatory:
            found.append(DOCUMENT_MISSING(source, document=name))
        elif document is None or state in (DocumentState.MISSING, DocumentState.NOT_REQUIRED):
            continue
        elif state == DocumentState.UNTRANSLATED:
            found.append(DOCUMENT_UNTRANSLATED(source, document=name))
        elif state == DocumentState.INVALID:
            found.append(DOCUMENT_INVALID(source, document=name, comment=document.comment))
        elif document.valid_until and document.valid_until < on:
            found.append(DOCUMENT_EXPIRED(source, document=name, until=document.valid_until))
        elif state == DocumentState.EXPIRED:
            found.append(DOCUMENT_EXPIRED_UNDATED(source, document=name))
    return tuple(found)


def unchecked(
    application: ApplicationFacts, *, on: date, profile: Profile
) -> Iterator[Refusal]:
    """Documents that came and that nobody has looked at yet."""
    wanted = {
        requirement.kind
        for requirement in documents_of(application, on=on, profile=profile)
    }
    for document in application.documents:
        if document.kind in wanted and document.state == DocumentState.PROVIDED:
            yield DOCUMENT_NOT_CHECKED(document=DOCUMENT_NAMES[document.kind])


def reasons_against_full_set(
    application: ApplicationFacts, *, on: date, profile: Profile
) -> Iterator[Refusal]:
    yield from reasons_against_move(application.state, S.AUTHENTICITY_CHECK)
    yield from unchecked(application, on=on, profile=profile)
    found = defects(application, on=on, profile=profile)
    if found:
        yield INCOMPLETE_SET(count=len(found))
        yield from found


def reasons_against_return(
    application: ApplicationFacts, *, on: date, profile: Profile
) -> Iterator[Refusal]:
    yield from reasons_against_move(application.state, S.RETURNED_INCOMPLETE)
    yield from unchecked(application, on=on, profile=profile)
    if not defects(application, on=on, profile=profile):
        yield NOTHING_TO_RETURN()


def completeness_due(received_on: date, profile: Profile) -> tuple[date, Value]:
    """D-01: the last day of the completeness check; the day of receipt is day 0."""
    term = profile.value("admissions.completeness_wd", on=received_on)
    return profile.days.after(received_on, term.value), term


def authenticity_due(
    received_on: date, full_set_on: date, profile: Profile
) -> tuple[date, Value]:
    """D-02: the last day of the authenticity check, counted from the event the profile names."""
    term = profile.value("admissions.authenticity_wd", on=received_on)
    start = profile.value("admissions.authenticity_start", on=received_on)
    since = full_set_on if start.value == "full_set" else received_on
    return profile.days.after(since, term.value), term


def exemption(category: Category, *, on: date, profile: Profile) -> Value | None:
    """The value that frees this category from the test on that day, or None."""
    exempt = profile.value("admissions.exempt_categories", on=on)
    return exempt if category in exempt.value else None


def form_of_test(
    grade: int, category: Category, *, test_on: date, profile: Profile
) -> tuple[Form | None, Value]:
    """Oral, oral and written, or none for an exempt category, by the law of the test day."""
    if free := exemption(category, on=test_on, profile=profile):
        return None, free
    oral_only = profile.value("admissions.oral_only_categories", on=test_on)
    oral_grades = profile.value("admissions.oral_only_grades", on=test_on)
    if grade in oral_grades.value:
        return Form.ORAL, oral_grades
    if category in oral_only.value:
        return Form.ORAL, oral_only
    return Form.ORAL_WRITTEN, oral_grades


PROOFS: Mapping[Category, tuple[DocumentKind, ...]] = {
    Category.EXEMPT_BELARUS: (DocumentKind.IDENTITY_CHILD,),
    Category.EXEMPT_TRANSFER: (DocumentKind.TRANSFER_FILE, DocumentKind.STUDY_PERIOD),
    Category.EXEMPT_GIA9: (DocumentKind.GIA_CERTIFICATE,),
    Category.COMPATRIOT: (DocumentKind.CATEGORY_PROOF,),
    Category.SHARED_VALUES: (DocumentKind.CATEGORY_PROOF,),
    Category.DIPLOMATIC: (DocumentKind.CATEGORY_PROOF,),
}


def unproved(application: ApplicationFacts) -> Iterator[DocumentKind]:
    """The documents that prove the category and are not accepted."""
    accepted = {
        d.kind
        for d in application.documents
        if d.state in (DocumentState.ACCEPTED, DocumentState.PROVIDED)
    }
    for kind in PROOFS.get(application.category, ()):
        if kind not in accepted:
            yield kind


def reasons_against_exempting(
    application: ApplicationFacts, *, on: date, profile: Profile
) -> Iterator[Refusal]:
    yield from reasons_against_move(application.state, S.NO_TEST_REQUIRED)
    free = exemption(application.category, on=on, profile=profile)
    if free is None:
        yield NOT_EXEMPT(category=CATEGORY_NAMES[application.category])
    for kind in unproved(application):
        yield EXEMPTION_NOT_PROVED(free, document=DOCUMENT_NAMES[kind])


def reasons_against_referral(
    application: ApplicationFacts,
    *,
    on: date,
    profile: Profile,
    live_referral: str = "",
    assigned_testing_orgs: Iterable[int] = (),
    testing_org: int | None = None,
    by_ministry: bool = False,
    passed_before: tuple[date, int] | None = None,
) -> Iterator[Refusal]:
    """Every reason why the school may not issue a referral today."""
    yield from reasons_against_move(application.state, S.REFERRED)
    if free := exemption(application.category, on=on, profile=profile):
        yield EXEMPT_FROM_TEST(free, category=CATEGORY_NAMES[application.category])
    elif application.category != Category.GENERAL:
        for kind in unproved(application):
            yield CATEGORY_NOT_PROVED(document=DOCUMENT_NAMES[kind])
    if application.register_check == RegisterCheck.NOT_DONE:
        yield REGISTER_NOT_CHECKED()
    elif application.register_check == RegisterCheck.LISTED:
        yield REGISTER_LISTED()
    for defect in defects(application, on=on, profile=profile):
        yield defect
    place = profile.value("booking.place", on=on)
    if place.value == "nearest" and not by_ministry and testing_org is not None:
        if testing_org not in set(assigned_testing_orgs):
            yield FOREIGN_TESTING_ORG(place)
    if live_referral:
        yield REFERRAL_EXISTS(number=live_referral)
    if passed_before:
        yield PASSED_BEFORE(on=passed_before[0], grade=passed_before[1])


def reasons_against_delivery(
    referral: ReferralFacts, *, received_on: date, today: date, evidence: str, profile: Profile
) -> Iterator[Refusal]:
    """Why the receipt by the parent may not be recorded: copies first, dates possible, evidence."""
    if R.DELIVERED not in REFERRAL_TRANSITIONS[referral.state]:
        yield WRONG_STEP(state=REFERRAL_NAMES[referral.state])
    copies = profile.value("admissions.referral_copies", on=referral.issued_on)
    if missing := copies_missing(referral, profile):
        yield COPIES_NOT_SENT(copies, missing=", ".join(COPY_NAMES[to] for to in missing))
    if received_on < referral.issued_on:
        yield RECEIPT_BEFORE_ISSUE(issued=referral.issued_on)
    if received_on > today:
        yield RECEIPT_IN_FUTURE()
    if not evidence:
        yield NO_EVIDENCE()


def retest_from(
    failed_on: Iterable[date], category: Category, *, asked_on: date, profile: Profile
) -> Answer:
    """D-07: the first day of a retest after the unsuccessful tests; none when it may be any day."""
    failures = sorted(failed_on)
    if not failures:
        return Answer(dates={"earliest": None})
    months = profile.value("retest.min_months", on=failures[-1])
    base = profile.value("retest.base", on=failures[-1])
    counted_from = failures[-1] if base.value == "last_unsuccessful" else failures[0]
    waived = _waiver(category, counted_from, asked_on=asked_on, profile=profile)
    if waived is not None:
        return Answer(
            dates={"failed_on": counted_from, "earliest": None},
            outcome={"waived": True},
            decided_under=(months, base, waived),
        )
    boundary = profile.value("retest.boundary_day_allowed", on=failures[-1])
    earliest = add_months(counted_from, months.value)
    if not boundary.value:
        earliest = date.fromordinal(earliest.toordinal() + 1)
    return Answer(
        dates={"failed_on": counted_from, "earliest": earliest},
        outcome={"waived": False, "months": months.value},
        decided_under=(months, base, boundary),
    )


def _waiver(
    category: Category, failed_on: date, *, asked_on: date, profile: Profile
) -> Value | None:
    """The value that frees an oral-only category from waiting, where it does."""
    categories = profile.value("retest.waiver_categories", on=asked_on)
    if category not in categories.value:
        return None
    scope = profile.value("retest.waiver_scope", on=asked_on)
    if scope.value == "always" or failed_on < categories.since:
        return categories
    return None


def booking_window(received_on: date | None, profile: Profile) -> Answer:
    """D-04: the last day to come and book. Without a confirmed receipt the clock does not run."""
    if received_on is None:
        return Answer(reasons=(CLOCK_NOT_STARTED(),), dates={"last_day": None})
    term = profile.value("booking.window_wd", on=received_on)
    last_day = profile.days.after(received_on, term.value)
    miss = profile.value("booking.miss", on=received_on)
    return Answer(
        dates={"received_on": received_on, "last_day": last_day},
        outcome={"working_days": term.value, "if_missed": miss.value},
        decided_under=(term, miss),
    )


def reasons_against_annulling(
    referral: ReferralFacts, *, today: date, profile: Profile
) -> Iterator[Refusal]:
    """D-05: an unbooked application is annulled at expiry, where the profile says so."""
    if R.EXPIRED not in REFERRAL_TRANSITIONS[referral.state]:
        yield WRONG_STEP(state=REFERRAL_NAMES[referral.state])
    window = booking_window(referral.received_on, profile)
    yield from window.reasons
    last_day = window.dates["last_day"]
    if last_day is not None:
        if window.outcome["if_missed"] != "annul_application":
            yield MISS_HAS_NO_CONSEQUENCE(window.decided_under[1])
        if today <= last_day:
            yield NOT_YET_EXPIRED(window.decided_under[0], last_day=last_day)


@dataclass(frozen=True)
class PersonFacts:
    name_key: str
    birth_date: date | None
    document_number: str = ""


# Look-alike Latin letters and the letters clerks write in two ways.
_SAME = str.maketrans(
    {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "y": "у", "x": "х", "k": "к", "m": "м"}
    | {"t": "т", "b": "в", "h": "н", "ё": "е", "й": "и", "ъ": "", "ь": "", "-": "", " ": ""}
)


def name_key(last_name: str, first_name: str) -> str:
    """A key under which spellings of one name fall together: «Мусаев» and «Myсаев», «Ё» and «Е»."""
    letters = f"{last_name}{first_name[:3]}".lower().translate(_SAME)
    key = "".join(c for i, c in enumerate(letters) if i == 0 or c != letters[i - 1])
    return key[:120]


def likeness(one: PersonFacts, other: PersonFacts) -> str:
    """Why two records may be one child: «document», «name and birth date», or nothing."""
    if one.document_number and one.document_number == other.document_number:
        return "document"
    if one.birth_date and one.birth_date == other.birth_date and one.name_key == other.name_key:
        return "name"
    return ""


STATE_NAMES: dict[ApplicationState, str] = {
    S.COMPLETENESS_CHECK: _("проверка полноты"),
    S.RETURNED_INCOMPLETE: _("возвращено без рассмотрения"),
    S.AUTHENTICITY_CHECK: _("проверка достоверности"),
    S.REFUSED_UNRELIABLE: _("отказ: недостоверные сведения"),
    S.REFUSED_NO_PLACES: _("отказ: нет мест"),
    S.NO_TEST_REQUIRED: _("тестирование не требуется"),
    S.REFERRED: _("выдано направление"),
    S.CANCELLED_NOT_BOOKED: _("аннулировано: не записались в срок"),
    S.AWAITING_RESULT: _("записан, ждём результат"),
    S.NO_SHOW: _("неявка"),
    S.PASSED: _("тест сдан"),
    S.FAILED: _("тест не сдан"),
    S.ENROLLED: _("зачислен"),
    S.REFUSED_TEST_FAILED: _("отказ: тест не сдан"),
    S.REAPPLIED: _("подано новое заявление"),
    S.WITHDRAWN: _("отозвано заявителем"),
}

REFERRAL_NAMES: dict[ReferralState, str] = {
    R.ISSUED: _("выдано, вручение не подтверждено"),
    R.DELIVERED: _("вручено, ждём записи"),
    R.BOOKED: _("записан"),
    R.USED: _("использовано"),
    R.EXPIRED: _("срок записи истёк"),
    R.REVOKED: _("отозвано"),
    R.UNUSED_NO_SHOW: _("неявка"),
}

CATEGORY_NAMES: dict[Category, str] = {
    Category.GENERAL: _("общая"),
    Category.COMPATRIOT: _("участник госпрограммы переселения соотечественников или член семьи"),
    Category.SHARED_VALUES: _("разделяющие традиционные ценности (Указ № 702) и их семьи"),
    Category.DIPLOMATIC: _("семьи сотрудников дипломатических миссий и международных организаций"),
    Category.EXEMPT_BELARUS: _("гражданин Республики Беларусь"),
    Category.EXEMPT_TRANSFER: _("перевод из другой российской школы"),
    Category.EXEMPT_GIA9: _("есть аттестат об основном общем образовании после ГИА"),
}

CHANNEL_NAMES: dict[Channel, str] = {
    Channel.EPGU: _("портал госуслуг (ЕПГУ)"),
    Channel.RPGU: _("региональный портал (РПГУ)"),
    Channel.POST: _("заказное письмо с уведомлением"),
    Channel.ON_BEHALF: _("внесено школой по обращению заявителя"),
    Channel.IN_PERSON: _("лично"),
}

COPY_NAMES: dict[str, str] = {
    "testing_org": _("тестирующей организации"),
    "mouo": _("МОУО"),
}

DOCUMENT_STATE_NAMES: dict[DocumentState, str] = {
    DocumentState.MISSING: _("нет"),
    DocumentState.PROVIDED: _("представлен"),
    DocumentState.ACCEPTED: _("принят"),
    DocumentState.INVALID: _("не принят"),
    DocumentState.EXPIRED: _("срок истёк"),
    DocumentState.UNTRANSLATED: _("нет перевода"),
    DocumentState.NOT_REQUIRED: _("не требуется"),
}

TRAINING_STATES = frozenset({S.FAILED, S.REFUSED_TEST_FAILED})
DOCUMENT_STATES = frozenset({S.COMPLETENESS_CHECK, S.RETURNED_INCOMPLETE, S.AUTHENTICITY_CHECK})
ENROLLING_STATES = frozenset({S.PASSED, S.NO_TEST_REQUIRED})


def reasons_against_marking(
    state: ApplicationState, documents: Iterable[DocumentFacts]
) -> Iterator[Refusal]:
    """Why marks on documents may not be made now; «не принят» needs words for the parent."""
    if state not in DOCUMENT_STATES:
        yield DOCUMENTS_CLOSED(state=STATE_NAMES[state])
    for document in documents:
        if document.state == DocumentState.INVALID and not document.comment.strip():
            yield DOCUMENT_NEEDS_COMMENT(document=DOCUMENT_NAMES[document.kind])


def reasons_against_refusing(
    state: ApplicationState, to: ApplicationState, reasons: Iterable[UnreliableReason] = ()
) -> Iterator[Refusal]:
    yield from reasons_against_move(state, to)
    if to == S.REFUSED_UNRELIABLE and not tuple(reasons):
        yield NO_REASON_CHOSEN()


def reasons_against_enrolling(state: ApplicationState) -> Iterator[Refusal]:
    if state not in ENROLLING_STATES:
        yield NO_OUTCOME()


def reasons_against_resubmitting(
    state: ApplicationState, *, submitted_on: date, before: date, today: date
) -> Iterator[Refusal]:
    """No term and no number of times is set for submitting again; only the dates must be possible."""
    yield from reasons_against_move(state, S.COMPLETENESS_CHECK)
    if submitted_on > today:
        yield FUTURE_SUBMISSION(submitted=submitted_on)
    if submitted_on < before:
        yield RESUBMITTED_BEFORE(before=before)


def reasons_against_register_check(state: ApplicationState) -> Iterator[Refusal]:
    if state not in DOCUMENT_STATES:
        yield REGISTER_TOO_EARLY(state=STATE_NAMES[state])


def reasons_against_revoking(state: ReferralState, note: str) -> Iterator[Refusal]:
    if state == R.BOOKED:
        yield BOOKED_FIRST_CANCEL()
    elif R.REVOKED not in REFERRAL_TRANSITIONS[state]:
        yield WRONG_STEP(state=REFERRAL_NAMES[state])
    if not note.strip():
        yield REVOKE_NEEDS_WORDS()


def reasons_against_withdrawing(state: ApplicationState, *, booked: bool) -> Iterator[Refusal]:
    yield from reasons_against_move(state, S.WITHDRAWN)
    if booked:
        yield BOOKED_FIRST_CANCEL()


def reasons_against_training(state: ApplicationState) -> Iterator[Refusal]:
    if state not in TRAINING_STATES:
        yield TRAINING_NOT_DUE()


def reasons_after_no_show(
    state: ApplicationState, *, rebook: bool, no_show_on: date, profile: Profile
) -> Iterator[Refusal]:
    """Whether the case goes on after a no-show: by the profile, a second booking or a new one."""
    yield from reasons_against_move(state, S.REFERRED if rebook else S.CANCELLED_NOT_BOOKED)
    policy = profile.value("booking.no_show_policy", on=no_show_on)
    if rebook and policy.value != "rebook_once":
        yield NO_SHOW_ENDS_CASE(policy)
    if not rebook and policy.value == "rebook_once":
        yield NO_SHOW_MAY_REBOOK(policy)


def reasons_against_next(
    previous: ApplicationState, number: str, *, same_school: bool
) -> Iterator[Refusal]:
    """A new application for the child whose earlier one in the same school is not decided yet."""
    if same_school and previous not in END_STATES:
        yield NEXT_ONLY_AFTER_END(number=number)


@dataclass(frozen=True)
class CaseFacts:
    """What the duties of a case follow from. `since` is the moment of its present step."""

    application: ApplicationFacts
    label: str
    school: int
    since: datetime
    referral: ReferralFacts | None = None
    training: str = ""


def duties_of(case: CaseFacts, profile: Profile) -> tuple[DutyFacts, ...]:
    """What the school owes on the case now, each with its term or why there is none."""
    return tuple(_duties(case, profile))


def _duties(case: CaseFacts, profile: Profile) -> Iterator[DutyFacts]:
    application, state = case.application, case.application.state
    received_on = application.received_on
    if state == S.COMPLETENESS_CHECK:
        yield _duty(case, "check-completeness", term(lambda: completeness_due(received_on, profile)))
    elif state == S.AUTHENTICITY_CHECK:
        full_set_on = application.full_set_on or received_on
        yield _duty(
            case,
            "check-authenticity",
            term(lambda: authenticity_due(received_on, full_set_on, profile)),
        )
    elif state == S.REFERRED and case.referral and case.referral.state == R.ISSUED:
        yield from _duties_of_delivery(case, case.referral, profile)
    elif state == S.NO_SHOW:
        yield _duty(case, "decide-no-show")
    elif state in (S.PASSED, S.FAILED, S.NO_TEST_REQUIRED):
        yield _duty(case, "decide-admission")
    if state in TRAINING_STATES and not case.training:
        yield _duty(case, "offer-training")
    elif state in TRAINING_STATES and case.training == Training.OFFERED:
        yield _duty(case, "note-training")


def _duties_of_delivery(
    case: CaseFacts, referral: ReferralFacts, profile: Profile
) -> Iterator[DutyFacts]:
    if copies_missing(referral, profile):
        yield _duty(case, "send-copies", term(lambda: copies_due(referral.issued_on, profile)))
    else:
        yield _duty(
            case, "confirm-delivery", term(lambda: reminder_due(referral.issued_on, profile))
        )


def _duty(case: CaseFacts, kind: str, due: Term | None = None) -> DutyFacts:
    due = due or Term(None)
    return DutyFacts(
        kind=kind,
        organisation_id=case.school,
        role="school",
        label=case.label,
        since=case.since,
        due_on=due.due_on,
        due_unknown=due.unknown,
        source=due.value,
    )


def copies_missing(referral: ReferralFacts, profile: Profile) -> tuple[str, ...]:
    """To whom the copy of the referral still has to go: «testing_org», «mouo»."""
    copies = profile.value("admissions.referral_copies", on=referral.issued_on)
    return tuple(to for to in copies.value if to not in referral.copies_sent_to)


def copies_due(issued_on: date, profile: Profile) -> tuple[date, Value]:
    """D-03: the last day to hand over the copies; the day of issue is day 0."""
    value = profile.value("admissions.referral_copy_wd", on=issued_on)
    return profile.days.after(issued_on, value.value), value


def reminder_due(issued_on: date, profile: Profile) -> tuple[date, Value]:
    """When to ask whether the parent has the referral: a reminder, not a norm."""
    value = profile.value("admissions.receipt_reminder_wd", on=issued_on)
    return profile.days.after(issued_on, value.value), value


# The steps of a booking at best, in order; the states after which a step lies behind.
BEFORE_BOOKING = frozenset(
    {S.COMPLETENESS_CHECK, S.RETURNED_INCOMPLETE, S.AUTHENTICITY_CHECK, S.REFERRED}
)


def best_case(
    application: ApplicationFacts,
    *,
    today: date,
    earliest_test_on: date | None = None,
    test_on: date | None = None,
    profile: Profile,
) -> Answer:
    """The earliest test and result if every step were done today: «сроки при лучшем ходе»."""
    if test_on is None:
        if application.state not in BEFORE_BOOKING or exemption(
            application.category, on=today, profile=profile
        ):
            return Answer()
        lead = profile.value("booking.min_lead_wd", on=today)
        test_on = profile.days.after(today, lead.value)
        if earliest_test_on and earliest_test_on > test_on:
            test_on = earliest_test_on
        test_on = profile.days.on_or_after(test_on)
        values: tuple[Value, ...] = (lead,)
    else:
        values = ()
    marking = profile.value("results.to_school_wd", on=test_on)
    return Answer(
        dates={"test_from": test_on, "result_by": profile.days.after(test_on, marking.value)},
        decided_under=(*values, marking),
    )


DUTY_TITLES: dict[str, tuple[str, str]] = {
    "check-completeness": (_("Проверить полноту документов"), "application-documents"),
    "check-authenticity": (
        _("Проверить достоверность и выдать направление"),
        "application-authenticity",
    ),
    "send-copies": (_("Передать копии направления"), "application-referral"),
    "confirm-delivery": (_("Подтвердить вручение направления"), "application-referral"),
    "decide-no-show": (_("Решить, как быть после неявки"), "application-decision"),
    "decide-admission": (_("Принять решение о приёме"), "application-decision"),
    "offer-training": (_("Предложить дополнительное обучение"), "application-decision"),
    "note-training": (_("Отметить выбор родителя об обучении"), "application-decision"),
}

# What is handed over to other organisations, as they read it among what came in.
DISPATCH_TITLES: dict[str, str] = {
    "referral-copy-testing-org": _("Копия направления"),
    "referral-copy-mouo": _("Копия направления"),
    "referral-revoked": _("Направление отозвано"),
    "application-annulled": _("Заявление аннулировано: не записались в срок"),
}
COPY_KINDS: dict[str, str] = {
    "testing_org": "referral-copy-testing-org",
    "mouo": "referral-copy-mouo",
}

DECISION_NAMES: dict[DecisionKind, str] = {
    DecisionKind.RETURNED_INCOMPLETE: _("Возвращено без рассмотрения"),
    DecisionKind.COMPLETE: _("Комплект документов полный"),
    DecisionKind.REFUSED_UNRELIABLE: _("Отказ: недостоверные сведения"),
    DecisionKind.REFUSED_NO_PLACES: _("Отказ: нет свободных мест"),
    DecisionKind.NO_TEST_REQUIRED: _("Тестирование не требуется"),
    DecisionKind.REFERRED: _("Выдано направление"),
    DecisionKind.ANNULLED_NOT_BOOKED: _("Аннулировано: не записались в срок"),
    DecisionKind.ENROLLED: _("Зачислен"),
    DecisionKind.REFUSED_TEST_FAILED: _("Отказ: тест не сдан"),
    DecisionKind.WITHDRAWN: _("Отозвано заявителем"),
}

# What the school writes to the parent; the greeting, the number and the school are added.
LETTERS: dict[str, str] = {
    "application-registered": _(
        "Мы получили ваше заявление о приёме %(submitted)s. Школа проверит, все ли документы на "
        "месте. Последний день проверки: %(due)s."
    ),
    "application-full-set": _(
        "Комплект документов полный. Теперь школа проверяет их достоверность. Последний день "
        "проверки: %(due)s."
    ),
    "application-returned": _(
        "Заявление возвращено без рассмотрения, потому что комплект документов неполный. Ниже — "
        "всё, что нужно исправить. Подать документы снова можно в любой день, срок не ограничен."
    ),
    "refused-unreliable": _(
        "Школа отказывает в приёме: проверка достоверности документов не пройдена. Причины:"
    ),
    "refused-no-places": _(
        "Школа отказывает в приёме: свободных мест нет. За местом в другой школе обратитесь в "
        "муниципальный орган управления образованием."
    ),
    "application-exempted": _(
        "Тестирование по русскому языку вашему ребёнку не требуется. Школа примет решение о приёме."
    ),
    "referral-issued": _(
        "Школа выдала направление на тестирование № %(number)s. Запишитесь лично в тестирующей "
        "организации: %(organisation)s, %(address)s. На запись есть %(days)s рабочих дней со дня, "
        "когда вы получили направление. Возьмите документы, удостоверяющие личность."
    ),
    "booking-window": _(
        "Получение направления № %(number)s подтверждено. Запишитесь на тестирование лично не "
        "позднее %(until)s: %(organisation)s. По телефону и почте не записывают."
    ),
    "referral-revoked": _("Направление № %(number)s отозвано школой. Причина:"),
    "application-annulled": _(
        "Заявление аннулировано: до %(last_day)s никто не записался на тестирование. Вы можете "
        "подать новое заявление."
    ),
    "application-enrolled": _("Ребёнок принят в школу, %(grade)s класс. Школа издаст приказ."),
    "refused-test-failed": _(
        "Тестирование не пройдено, школа отказывает в приёме. Вы можете подать новое заявление; "
        "новое тестирование возможно с %(earliest)s. Школа предлагает дополнительное обучение "
        "русскому языку: его можно пройти в организациях из списка школы или организовать самим."
    ),
    "training-offered": _(
        "Школа предлагает дополнительное обучение русскому языку. Выберите организацию из списка, "
        "организуйте обучение сами или откажитесь, и сообщите школе о выборе."
    ),
    "application-withdrawn": _("Заявление отозвано по вашей просьбе. Подать новое можно всегда."),
    "rebooking-allowed": _(
        "Ребёнок не пришёл на тестирование. Вы можете один раз записаться на другой день: приходите "
        "лично в тестирующую организацию с тем же направлением."
    ),
    "closed-after-no-show": _(
        "Ребёнок не пришёл на тестирование, рассмотрение заявления закончено. Вы можете подать "
        "новое заявление."
    ),
}
