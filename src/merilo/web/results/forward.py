"""The МОУО passes received results on to РЦОИ. /results/forward/"""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from merilo.foundation import clock
from merilo.law import Refused
from merilo.results import actions
from merilo.results.access import ROLES
from merilo.web import refusals
from merilo.web.routes import page


@page(roles=ROLES["results.forward"])
@require_POST
def forward(request: HttpRequest) -> HttpResponse:
    ids = [int(one) for one in request.POST.getlist("ids")[:500] if one.isdecimal()]
    if not ids:
        messages.error(request, _("Ничего не отмечено. Отметьте результаты, которые передаёте."))
        return redirect("results")
    try:
        done = actions.forward_to_rcoi(result_ids=ids, actor=request.viewer, now=clock.now())
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except Refused as refused:
        refusals.flash(request, refused)
    else:
        messages.success(
            request,
            ngettext("Передан в РЦОИ %(n)s результат.", "Передано в РЦОИ: %(n)s.", len(done))
            % {"n": len(done)},
        )
    return redirect("results")
