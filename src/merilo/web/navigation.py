"""What stands in the left column for each role, with the number of things that wait there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from merilo.casework import queries as casework
from merilo.registry.access import Role
from merilo.web.addresses import address

WORK = N_("Работа")
HELP = N_("Справка")
RUN = N_("Управление")

S, T, C, M, R, Y, E, A, X = (
    Role.SCHOOL,
    Role.TESTING_ORG,
    Role.COMMISSION,
    Role.MOUO,
    Role.RCOI,
    Role.MINISTRY,
    Role.MECHANISMS_EXPERT,
    Role.AUDITOR,
    Role.ADMIN,
)

# title, url name, roles, group
ITEMS: tuple[tuple[str, str, frozenset[Role], str], ...] = (
    (N_("Мои дела"), "home", frozenset(Role), ""),
    (N_("Заявления"), "applications", frozenset({S, T, M, Y, A}), ""),
    (N_("Запись"), "booking", frozenset({T}), ""),
    (N_("Дни тестирования"), "days", frozenset({T, C}), ""),
    (N_("Проверка работ"), "marking", frozenset({C}), ""),
    (N_("Результаты"), "results", frozenset({S, T, M, R, Y, A}), ""),
    (N_("Неявки"), "no-shows", frozenset({M}), ""),
    (N_("Переданные сведения"), "dispatches", frozenset({S, T, M, R, Y, A}), ""),
    (N_("Уведомления"), "notices", frozenset({S, T, Y, X}), ""),
    (N_("Расписание"), "schedule", frozenset({S, T, M, R, A}), ""),
    (N_("Расписания"), "schedules", frozenset({Y}), ""),
    (N_("Механизмы (МУМ)"), "mechanisms", frozenset({M, R, Y, E, A}), ""),
    (N_("Обзор"), "overview", frozenset({M, R, Y, A}), ""),
    (N_("Экспертиза МУМ"), "mechanisms-expertise", frozenset({Role.MECHANISMS_EXPERT}), ""),
    (N_("Варианты"), "variants", frozenset({R}), RUN),
    (N_("Резервные комплекты"), "reserve", frozenset({R}), RUN),
    (N_("Спецификации"), "specifications", frozenset({R, Y}), RUN),
    (N_("Состав формы"), "column-map", frozenset({R}), RUN),
    (N_("Комиссия"), "commissions", frozenset({T}), RUN),
    (N_("Организации"), "organisations", frozenset({X, Y, R, M, A}), RUN),
    (N_("Люди и роли"), "accounts", frozenset({X}), RUN),
    (N_("Эксперты МУМ"), "mechanisms-experts", frozenset({Y}), RUN),
    (N_("Загрузка реестров"), "imports", frozenset({X}), RUN),
    (N_("Ключи доступа"), "tokens", frozenset({X}), RUN),
    (N_("Правила и сроки"), "rulebook", frozenset(Role), HELP),
    (N_("Как работать"), "help", frozenset(Role), HELP),
    (N_("Программный интерфейс"), "interface", frozenset({X, R}), HELP),
    (N_("Журнал действий"), "journal", frozenset({S, T, M, R, Y, A, X}), HELP),
)


def items(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu of the viewer's role; a page that is not there yet is not offered."""
    viewer = request.viewer
    here = request.resolver_match.url_name if request.resolver_match else ""
    found = []
    for title, name, roles, group in ITEMS:
        if viewer.role not in roles:
            continue
        try:
            url = address(name)
        except NoReverseMatch:
            continue
        count = None
        if name == "home":
            count = casework.duties_of(viewer).count()
        found.append(
            {
                "title": _(title),
                "url": url,
                "count": count,
                "current": _is_under(here or "", name) or _lies_below(request.path, url),
                "group": _(group) if group else "",
            }
        )
    # «/mechanisms/expertise/5/» lies below «/mechanisms/» too: the nearest section is the one.
    nearest = max((len(one["url"]) for one in found if one["current"]), default=0)
    for one in found:
        one["current"] = one["current"] and len(one["url"]) == nearest
    return found


def _lies_below(path: str, url: str) -> bool:
    return url != "/" and path.startswith(url)


def _is_under(here: str, name: str) -> bool:
    """Whether the page belongs to the section: «application-referral» to «applications»."""
    singular = name.removesuffix("s")
    return here in (name, singular) or here.startswith((f"{name}-", f"{singular}-"))


def positions(request: HttpRequest) -> list[dict[str, Any]]:
    """The positions the person may switch between."""
    return [
        {
            "id": position.pk,
            "title": position.title,
            "organisation": position.organisation.short_name,
            "current": position.pk == request.viewer.position_id,
        }
        for position in request.positions
    ]
