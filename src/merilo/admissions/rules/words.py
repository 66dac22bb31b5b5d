"""How states, categories, documents and duties are called in front of people."""

from __future__ import annotations

from merilo.law.refusal import _

from .states import (
    ApplicationState,
    Category,
    Channel,
    DecisionKind,
    DocumentKind,
    DocumentState,
    Evidence,
    NoShowReason,
    R,
    ReferralState,
    S,
    Training,
    UnreliableReason,
)

DOCUMENT_NAMES: dict[DocumentKind, str] = {
    DocumentKind.KINSHIP: _("Родство или законность представления прав ребёнка"),
    DocumentKind.STAY_CHILD: _("Законность нахождения ребёнка в России"),
    DocumentKind.STAY_REPRESENTATIVE: _("Законность нахождения представителя в России"),
    DocumentKind.IDENTITY_CHILD: _("Документ, удостоверяющий личность ребёнка"),
    DocumentKind.FINGERPRINTS: _("Дактилоскопическая регистрация и фотографирование ребёнка"),
    DocumentKind.RUSSIAN_STUDY: _(
        "Изучение русского языка в организациях иностранного государства"
    ),
    DocumentKind.SNILS: _("СНИЛС ребёнка и представителя"),
    DocumentKind.INN: _("ИНН представителя"),
    DocumentKind.EMPLOYMENT: _("Трудовая деятельность представителя"),
    DocumentKind.MEDICAL: _("Медицинское заключение об отсутствии инфекционных заболеваний"),
    DocumentKind.TRANSFER_FILE: _("Личное дело обучающегося из прежней школы"),
    DocumentKind.STUDY_PERIOD: _("Справка о периоде обучения с текущими отметками"),
    DocumentKind.GIA_CERTIFICATE: _("Аттестат об основном общем образовании"),
    DocumentKind.CATEGORY_PROOF: _("Подтверждение льготной категории"),
}
EVIDENCE_NAMES: dict[Evidence, str] = {
    Evidence.PORTAL_READ: _("прочитано в личном кабинете портала"),
    Evidence.POSTAL_RECEIPT: _("уведомление о вручении заказного письма"),
    Evidence.SIGNATURE: _("подпись родителя о получении"),
}
TRAINING_NAMES: dict[Training, str] = {
    Training.OFFERED: _("предложено, ждём выбора родителя"),
    Training.CHOSEN: _("выбрано из предложенных организаций"),
    Training.SELF_ORGANISED: _("родитель организует обучение сам"),
    Training.DECLINED: _("родитель отказался"),
}
NO_SHOW_REASON_NAMES: dict[NoShowReason, str] = {
    NoShowReason.RESPECTFUL: _("уважительная"),
    NoShowReason.UNJUSTIFIED: _("неуважительная"),
}
UNRELIABLE_NAMES: dict[UnreliableReason, str] = {
    UnreliableReason.FALSE_DOCUMENT: _("документ недостоверен"),
    UnreliableReason.FALSE_STATEMENT: _("сведения в заявлении недостоверны"),
    UnreliableReason.CONTROLLED_PERSON: _("сведения в реестре контролируемых лиц"),
    UnreliableReason.STAY_UNLAWFUL: _("законность нахождения не подтверждена"),
}
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
    S.NOT_ADMITTED: _("не допущен к тестированию"),
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
    R.UNUSED_NO_SHOW: _("не использовано в день тестирования"),
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
DUTY_TITLES: dict[str, tuple[str, str]] = {
    "check-completeness": (_("Проверить полноту документов"), "application-documents"),
    "check-authenticity": (
        _("Проверить достоверность и выдать направление"),
        "application-authenticity",
    ),
    "send-copies": (_("Передать копии направления"), "application-referral"),
    "confirm-delivery": (_("Подтвердить вручение направления"), "application-referral"),
    "confirm-no-show": (_("Подтвердить причину неявки"), "application-no-show"),
    "decide-no-show": (_("Закончить дело после неявки"), "application-decision"),
    "decide-not-admitted": (
        _("Закончить дело: ребёнка не допустили к тестированию"),
        "application-decision",
    ),
    "decide-admission": (_("Принять решение о приёме"), "application-decision"),
    "offer-training": (_("Предложить дополнительное обучение"), "application-decision"),
    "note-training": (_("Отметить выбор родителя об обучении"), "application-decision"),
}
# What is handed over to other organisations, as they read it among what came in.
DISPATCH_TITLES: dict[str, str] = {
    "referral_copy": _("Копия направления"),
    "referral_revoked": _("Направление отозвано"),
    "referral_replaced": _("Направление заменено министерством"),
    "referral_elsewhere": _("Новое направление в другую организацию"),
    "no_show_reason": _("Причина неявки подтверждена"),
    "annulled_not_booked": _("Заявление аннулировано: не записались в срок"),
}
DECISION_NAMES: dict[DecisionKind, str] = {
    DecisionKind.RETURNED_INCOMPLETE: _("Возвращено без рассмотрения"),
    DecisionKind.COMPLETE: _("Комплект документов полный"),
    DecisionKind.REFUSED_UNRELIABLE: _("Отказ: недостоверные сведения"),
    DecisionKind.REFUSED_NO_PLACES: _("Отказ: нет свободных мест"),
    DecisionKind.NO_TEST_REQUIRED: _("Тестирование не требуется"),
    DecisionKind.REFERRED: _("Выдано направление"),
    DecisionKind.REFERRED_ELSEWHERE: _("Министерство сменило тестирующую организацию"),
    DecisionKind.ANNULLED_NOT_BOOKED: _("Аннулировано: не записались в срок"),
    DecisionKind.ENROLLED: _("Зачислен"),
    DecisionKind.REFUSED_TEST_FAILED: _("Отказ: тест не сдан"),
    DecisionKind.WITHDRAWN: _("Отозвано заявителем"),
}
