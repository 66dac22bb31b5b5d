"""Every reason why something about an application may not be done, and what to do then."""

from __future__ import annotations

from merilo.law import Reason
from merilo.law.refusal import _

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
        "Копия направления передана не всем: %(missing)s. Передайте копию, потом отметьте вручение."
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
    _("По правилам этого профиля после неявки или недопуска подают новое заявление."),
)
NO_SHOW_AGAIN = Reason(
    "admissions.no-show-again",
    _("Второй назначенный день тоже пропал: записаться снова можно только один раз."),
)
NO_SHOW_UNJUSTIFIED = Reason(
    "admissions.no-show-unjustified",
    _("МОУО установило, что причина неявки неуважительная. Нужно новое заявление."),
)
NO_SHOW_MAY_REBOOK = Reason(
    "admissions.no-show-may-rebook",
    _("Ребёнка можно записать ещё раз, дело не закрывают. Дождитесь записи."),
)
NO_SHOW_WAITS = Reason(
    "admissions.no-show-waits",
    _(
        "МОУО ещё не подтвердило причину неявки. Дождитесь подтверждения: от него зависит, что дальше."
    ),
)
NOTHING_TO_CONFIRM = Reason(
    "admissions.nothing-to-confirm",
    _("По этому делу подтверждать причину неявки не нужно. Обновите страницу."),
)
REASON_CONFIRMED = Reason(
    "admissions.no-show-reason-confirmed",
    _("Причина этой неявки уже подтверждена, изменить её нельзя. Обновите страницу."),
)
REASON_NEEDS_WORDS = Reason(
    "admissions.no-show-reason-needs-words",
    _("Напишите, чем подтверждена причина неявки: например, «справка», «звонок родителя»."),
)
CONFIRMED_BEFORE = Reason(
    "admissions.no-show-confirmed-before",
    _(
        "Ребёнок не пришёл %(missed_on)s, причину раньше этого дня не устанавливают. Исправьте дату."
    ),
)
CONFIRMED_IN_FUTURE = Reason(
    "admissions.no-show-confirmed-in-future",
    _("День, когда установлена причина, ещё не наступил. Исправьте дату."),
)
UNRELIABLE = Reason("admissions.unreliable", _("Проверка достоверности не пройдена: %(what)s."))
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
