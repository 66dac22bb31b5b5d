"""What a parent reads when the road turns: after a no-show, when the place has changed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from merilo.admissions import queries, rules
from merilo.admissions.rules import AfterNoShow
from merilo.registry import queries as registry


def after_no_show(application_id: int) -> tuple[str, str]:
    """A title and a text: whom to tell the reason, or why a new application is needed."""
    title = _("Ребёнок не пришёл на тестирование")
    absence = queries.last_absence(application_id)
    if absence is None:
        return title, _("Это не считается неудачной попыткой. Позвоните в школу.")
    missed = queries.no_show_facts_of(absence)
    follows, _value = rules.after_no_show(missed, registry.active_profile())
    if follows == AfterNoShow.WAIT and absence.mouo is not None:
        return title, _(
            "Это не считается неудачной попыткой, ждать три месяца не нужно. Сообщите причину в "
            "управление образования: %(mouo)s. Когда оно подтвердит причину, вы сможете один раз "
            "записаться на другой день. Новое направление не нужно."
        ) % {"mouo": ", ".join(filter(None, (absence.mouo.name, absence.mouo.phone)))}
    because = {
        AfterNoShow.ENDS_BY_POLICY: _("По правилам региона после неявки нужно новое заявление."),
        AfterNoShow.ENDS_MISSED_AGAIN: _(
            "Второй назначенный день тоже пропал, записаться ещё раз нельзя."
        ),
        AfterNoShow.ENDS_UNJUSTIFIED: _(
            "Управление образования решило, что причина неуважительная."
        ),
    }
    return title, " ".join(
        (
            because.get(follows, ""),
            _(
                "Школа закончит это дело и пришлёт письмо. Вы можете подать новое заявление, ждать "
                "три месяца не нужно."
            ),
        )
    ).strip()


def book_again(place: Any) -> tuple[str, str]:
    """The same referral is good for another day."""
    return _("Запишитесь на другой день"), _(
        "Придите лично: %(place)s, %(address)s, телефон %(phone)s. С собой: то же направление, ваш "
        "документ и документ ребёнка. По телефону и почте не записывают."
    ) % {"place": place.name, "address": place.address, "phone": place.phone or "—"}


def other_place(place: Any) -> tuple[str, str]:
    """The ministry has changed the place: the new referral is to be fetched first."""
    return _("Место тестирования изменилось"), _(
        "Министерство направило ребёнка в другую организацию: %(place)s, %(address)s. Прежнее "
        "направление больше не действует. Получите новое в школе: после этого надо лично "
        "записаться на тестирование."
    ) % {"place": place.name, "address": place.address}
