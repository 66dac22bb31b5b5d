"""What the school writes to the parent: subject and text of every letter."""

from __future__ import annotations

from merilo.law.refusal import _

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
        "Тестирование по русскому языку вашему ребёнку не требуется. Школа решит вопрос о приёме."
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
    "referral-revoked": _("Направление № %(number)s отозвано школой. Причина: «%(reason)s»."),
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
        "Ребёнок не пришёл на тестирование. Вы можете один раз записаться на другой день: "
        "приходите лично в тестирующую организацию с тем же направлением."
    ),
    "closed-after-no-show": _(
        "Ребёнок не пришёл на тестирование, рассмотрение заявления закончено. Вы можете подать "
        "новое заявление."
    ),
    "rebooking-after-not-admitted": _(
        "Ребёнка не допустили к тестированию. Это не считается неудачной попыткой. Вы можете "
        "один раз записаться на другой день: приходите лично в тестирующую организацию с тем же "
        "направлением и со всеми документами."
    ),
    "closed-after-not-admitted": _(
        "Ребёнка не допустили к тестированию, рассмотрение заявления закончено. Вы можете подать "
        "новое заявление."
    ),
}

SUBJECTS: dict[str, str] = {
    "application-registered": _("Заявление № %(case)s получено"),
    "application-full-set": _("Документы по заявлению № %(case)s приняты"),
    "application-returned": _("Заявление № %(case)s возвращено: нужны документы"),
    "refused-unreliable": _("Решение по заявлению № %(case)s"),
    "refused-no-places": _("Решение по заявлению № %(case)s"),
    "application-exempted": _("Заявление № %(case)s: тестирование не требуется"),
    "referral-issued": _("Направление № %(number)s на тестирование"),
    "booking-window": _("Запишитесь на тестирование: направление № %(number)s"),
    "referral-revoked": _("Направление № %(number)s отозвано"),
    "application-annulled": _("Заявление № %(case)s аннулировано"),
    "application-enrolled": _("Решение о приёме по заявлению № %(case)s"),
    "refused-test-failed": _("Решение по заявлению № %(case)s"),
    "training-offered": _("Дополнительное обучение: заявление № %(case)s"),
    "application-withdrawn": _("Заявление № %(case)s отозвано"),
    "rebooking-allowed": _("Запишитесь на другой день: заявление № %(case)s"),
    "rebooking-after-not-admitted": _("Запишитесь на другой день: заявление № %(case)s"),
    "closed-after-no-show": _("Решение по заявлению № %(case)s"),
    "closed-after-not-admitted": _("Решение по заявлению № %(case)s"),
}

# Letters that tell a decision: the Russian text is what counts, a translation is for information.
OFFICIAL = frozenset(
    {
        "application-returned",
        "refused-unreliable",
        "refused-no-places",
        "application-exempted",
        "referral-issued",
        "referral-revoked",
        "application-annulled",
        "application-enrolled",
        "refused-test-failed",
        "closed-after-no-show",
        "closed-after-not-admitted",
    }
)
DAY_UNKNOWN = _("пока не определён, его назовёт школа")
