"""Page of the ministry: how experts agree and how severe they are. /mechanisms/cycles/2/agreement/"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from merilo.mechanisms.access import ROLES
from merilo.mechanisms.queries import experts
from merilo.mechanisms.queries.agreement import LEAST_WORKS, agreement_of
from merilo.mechanisms.queries.places import cycles_of
from merilo.web.routes import page

from .experts import name_of

NAMES = {
    "kappa": (lazy("Каппа Флейса, квадратичные веса"), lazy("согласие сверх случайного")),
    "gwet": (
        lazy("AC2 Гвета, квадратичные веса"),
        lazy("устойчива, когда почти все баллы одинаковы"),
    ),
    "alpha": (lazy("Альфа Криппендорфа, интервальная"), lazy("допускает пропуски")),
    "icc": (
        lazy("Внутриклассовая корреляция ICC(1,1)"),
        lazy("у каждой позиции свои два эксперта; оценка одного эксперта"),
    ),
}


@page(roles=ROLES["mechanisms.experts"])
@require_GET
def agreement(request: HttpRequest, cycle_id: int) -> HttpResponse:
    cycle = cycles_of(request.viewer).get(pk=cycle_id)
    found = agreement_of(cycle)
    names = {one.pk: name_of(one.position) for one in experts.experts_visible_to(request.viewer)}
    return render(
        request,
        "mechanisms/agreement.html",
        {
            "cycle": cycle,
            "found": found,
            "share": 100 * found.exact / found.works if found.works else None,
            "figures": [(*NAMES[one.name], one) for one in found.figures],
            "severities": [(names.get(one.expert, ""), one) for one in found.severities],
            "least": LEAST_WORKS,
        },
    )
