"""What each field of the interface means: put into the description, shown on its page.

One word for one thing: a name means the same in every operation.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from merilo.law.refusal import _

FIELDS: dict[str, str] = {
    "role": _("роль должности, от имени которой работает ключ"),
    "organisation_id": _("номер организации ключа"),
    "organisation": _("название организации ключа"),
    "timezone": _("часовой пояс организации"),
    "today": _("какой сегодня день там, где организация"),
    "profile": _("профиль права, по которому решают"),
    "type": _("вид ошибки: не меняется"),
    "title": _("название"),
    "status": _("код ответа HTTP"),
    "detail": _("что не так и что делать, словами"),
    "reasons": _("все причины сразу"),
    "code": _("постоянный код причины или код участника"),
    "sentence": _("причина словами"),
    "act": _("акт"),
    "paragraph": _("пункт акта"),
    "limit": _("сколько строк вернуть"),
    "offset": _("сколько строк пропустить"),
    "on": _("на какой день"),
    "function": _("функция организации"),
    "territory_id": _("номер территории"),
    "text": _("часть названия"),
    "id": _("номер записи"),
    "name": _("название"),
    "short_name": _("краткое название"),
    "parent_id": _("номер вышестоящей организации"),
    "territory": _("территория"),
    "functions": _("функции организации в этот день"),
    "exam_code": _("код организации в кодах участников"),
    "inn": _("ИНН организации"),
    "address": _("адрес"),
    "valid_from": _("первый день действия"),
    "valid_to": _("последний день действия; пусто — действует"),
    "items": _("строки страницы"),
    "count": _("сколько строк всего"),
    "state": _("состояние"),
    "grade": _("класс"),
    "due": _("только с таким сроком"),
    "number": _("номер заявления или направления"),
    "confirmed_on": _("день, когда установлена причина неявки"),
    "school_id": _("номер школы"),
    "school": _("школа"),
    "category": _("категория поступающего"),
    "channel": _("каким путём пришло заявление"),
    "state_since": _("с какого времени в этом состоянии"),
    "submitted_on": _("день подачи"),
    "completeness_due": _("последний день проверки полноты"),
    "authenticity_due": _("последний день проверки достоверности"),
    "full_set_on": _("день полного комплекта"),
    "returns": _("сколько раз возвращено"),
    "tested_on": _("день тестирования"),
    "test_passed": _("пройдено ли тестирование; пусто — результата нет"),
    "documents": _("документы дела"),
    "referral": _("направление"),
    "child": _("поступающий; в ответе только с with_person=true"),
    "kind": _("вид"),
    "valid_until": _("действует до"),
    "comment": _("замечание для родителя"),
    "last_name": _("фамилия"),
    "first_name": _("имя"),
    "patronymic": _("отчество, если есть"),
    "birth_date": _("дата рождения"),
    "citizenship": _("гражданство"),
    "testing_org_id": _("номер тестирующей организации; пусто — по закреплению"),
    "testing_org": _("тестирующая организация"),
    "form": _("форма тестирования"),
    "attempt_no": _("какая попытка по счёту"),
    "issued_at": _("когда выдано"),
    "received_on": _("день, когда родитель получил направление"),
    "book_until": _("последний день записи"),
    "representative": _("родитель или другой представитель; пусто у совершеннолетнего"),
    "consent_to_test": _("есть согласие на тестирование"),
    "same_child_as": _("номер прежнего заявления, если ребёнок тот же"),
    "provided": _("какие документы приложены"),
    "notify_email": _("электронная почта для уведомлений"),
    "notify_address": _("почтовый адрес для уведомлений"),
    "notify_phone": _("телефон заявителя"),
    "has_portal_account": _("у заявителя есть кабинет на портале"),
    "language": _("язык писем родителю"),
    "special_needs": _("какие условия нужны на тестировании"),
    "stateless": _("без гражданства"),
    "id_doc_type": _("вид документа, удостоверяющего личность"),
    "id_doc_number": _("серия и номер документа"),
    "snils": _("СНИЛС"),
    "outcome": _("итог"),
    "note": _("пояснение; уходит родителю"),
    "with_copies": _("сразу передать копии"),
    "evidence": _("чем подтверждено вручение"),
    "decision": _("решение"),
    "when": _("какие дни: будущие (пусто), прошедшие или все"),
    "free_only": _("только со свободными местами"),
    "place": _("место проведения"),
    "held_on": _("день тестирования"),
    "starts_at": _("начало"),
    "grades": _("для каких классов"),
    "capacity": _("мест всего"),
    "free": _("мест свободно"),
    "accessible": _("доступно для маломобильных"),
    "results_official_on": _("официальный день объявления результатов"),
    "session_id": _("номер дня в расписании"),
    "referral_id": _("номер записи направления"),
    "application_id": _("номер записи заявления"),
    "application": _("номер заявления"),
    "booked_at": _("когда записали"),
    "in_person": _("кто пришёл записываться лично"),
    "warnings": _("предупреждения: действие выполнено"),
    "identity_document": _("какой документ показал пришедший"),
    "reason": _("причина"),
    "started_at": _("когда начато"),
    "finished_at": _("когда завершено"),
    "day_id": _("номер проводимого дня"),
    "checked_in_at": _("когда допущен"),
    "booking_id": _("номер записи на тестирование"),
    "child_document": _("показанный документ ребёнка"),
    "representative_document": _("показанный документ представителя"),
    "representative_present": _("представитель пришёл"),
    "documents_agree": _("документы совпадают с заявлением"),
    "attempt_id": _("номер участия"),
    "part": _("часть тестирования"),
    "mine": _("работа взята этим экспертом"),
    "taken": _("работа взята другим"),
    "ready": _("работу можно проверять"),
    "protocol_id": _("номер протокола"),
    "version": _("версия протокола"),
    "points": _("баллы по кодам критериев"),
    "typed_total": _("сумма, которую набрал эксперт"),
    "signed_at": _("когда подписано"),
    "passed": _("пройдено ли тестирование"),
    "oral_sum": _("сумма за устную часть"),
    "written_sum": _("сумма за письменную часть"),
    "total": _("сумма"),
    "percent": _("процент от наибольшей суммы"),
    "annulled": _("результат аннулирован"),
    "official_on": _("официальный день объявления"),
    "released_at": _("когда передано школе и МОУО"),
    "school_due": _("последний день передачи в школу"),
    "parent_due": _("последний день сообщить родителю"),
    "informed_at": _("когда сообщено родителю"),
    "informed_how": _("как сообщено"),
    "specification": _("применённая спецификация"),
    "identity_confirmed": _("сверено, чей это результат"),
    "how": _("как сообщено родителю"),
    "on_portal": _("результат размещён и в кабинете портала"),
    "way": _("полученное или переданное"),
    "waiting": _("только без подтверждения"),
    "about": _("о чём: вид и номер записи"),
    "label": _("подпись без имени"),
    "case_id": _("номер дела"),
    "sender": _("кто передал"),
    "recipient": _("кому передано"),
    "due_on": _("последний день"),
    "sent_at": _("когда передано"),
    "sent_late": _("передано с опозданием"),
    "received_at": _("когда подтверждено получение"),
    "subject": _("что нужно сделать, о какой записи"),
    "since": _("с какого дня"),
    "working_days_left": _("сколько рабочих дней осталось; меньше нуля — просрочено"),
    "urgency": _("насколько срочно"),
    "value": _("значение"),
    "certainty": _("насколько известно: от A до D"),
    "example": _("пример фактов для вопроса"),
    "question": _("какой вопрос задан"),
    "allowed": _("можно ли"),
    "dates": _("посчитанные дни"),
    "decided_under": _("значения правил, по которым отвечено"),
    "facts": _("факты вопроса"),
    "Idempotency-Key": _("ключ повтора: тот же ключ вернёт ту же запись"),
    "with_person": _("показать имя; просмотр попадёт в журнал"),
    "result_id": _("номер результата"),
    "dispatch_id": _("номер переданных сведений"),
}

# What stands in the examples, where the shape alone says too little.
EXAMPLES: dict[str, Any] = {
    "last_name": "Каримов",
    "first_name": "Тимур",
    "birth_date": "2017-05-20",
    "citizenship": "Узбекистан",
    "id_doc_type": "паспорт",
    "id_doc_number": "AA 1234567",
    "submitted_on": "2026-03-16",
    "received_on": "2026-03-18",
    "notify_email": "parent@example.org",
    "number": "025-0431",
    "identity_document": "паспорт AA 1234567",
    "child_document": "паспорт AA 1234567",
    "representative_document": "паспорт AA 7654321",
    "reason": "ребёнок заболел",
    "grade": 2,
    "points": {"1.1": 2, "1.2": 1},
    "typed_total": 3,
    "Idempotency-Key": "zayavlenie-2026-000117",
}


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """The description with a meaning for every field and parameter, and examples where needed."""
    for shape in schema["components"]["schemas"].values():
        for name, field in shape.get("properties", {}).items():
            _describe(name, field)
    for of_path in schema["paths"].values():
        for operation in of_path.values():
            for parameter in operation.get("parameters", ()):
                name = parameter["name"]
                parameter["description"] = FIELDS[name]
                if name in EXAMPLES:
                    parameter["schema"]["examples"] = [EXAMPLES[name]]
    return schema


def _describe(name: str, field: dict[str, Any]) -> None:
    field["description"] = FIELDS[name]
    if name in EXAMPLES:
        field["examples"] = [EXAMPLES[name]]


def in_the_readers_language(part: Any) -> None:
    """Put what is meant for people into the language in force; names and values stay."""
    if isinstance(part, list):
        for one in part:
            in_the_readers_language(one)
    elif isinstance(part, dict):
        for name, said in part.items():
            if name in ("summary", "description") and isinstance(said, str):
                part[name] = gettext(said)
            else:
                in_the_readers_language(said)
