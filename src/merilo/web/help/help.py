"""Pages: «Как работать» — one for each role, in the reader's language where it is written. /help/"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import select_template
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from merilo.registry.access import Role
from merilo.web.routes import page

PAGES = {
    "school": _("Школа: от заявления до решения"),
    "testing_org": _("Тестирующая организация: запись, день, результаты"),
    "commission": _("Комиссия: председатель, проводящие, эксперты"),
    "mouo": _("МОУО: направления, неявки, результаты"),
    "rcoi": _("РЦОИ: варианты, спецификации, форма сбора сведений"),
    "ministry": _("Министерство: расписание, дополнительные даты, обзор"),
    "mechanisms_expert": _("Эксперт МУМ: оценка материалов муниципалитетов"),
    "auditor": _("Аудитор: журнал и его проверка"),
    "admin": _("Администратор: реестры, люди, ключи"),
    "parent": _("Родителям: как узнать состояние заявления"),
}


@page(public=True)
@require_GET
def help_index(request: HttpRequest) -> HttpResponse:
    role = request.viewer.role if request.viewer else None
    mine = str(role) if role in set(Role) else ""
    return render(request, "help/index.html", {"pages": PAGES.items(), "mine": mine})


@page(public=True)
@require_GET
def help_page(request: HttpRequest, name: str) -> HttpResponse:
    if name not in PAGES:
        raise Http404
    language = (get_language() or "ru")[:2]
    text = select_template([f"help/{language}/{name}.html", f"help/ru/{name}.html"])
    return render(
        request,
        "help/page.html",
        {"title": PAGES[name], "text": text.template.name, "name": name},
    )
