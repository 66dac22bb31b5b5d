"""Pages: how other systems work with Merilo — read from its own OpenAPI description. /developers/

Made here and not by a library page: one more style and megabytes of script would come with it,
and none of them speaks Russian or keeps to a policy without inline styles (docs/adr/0007).
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.http import require_GET

from merilo.registry.access import ROLES, may
from merilo.web.routes import page

from .describing import Operation, by_task, operations

ERRORS = {
    400: _("тело не читается"),
    401: _("ключа нет, он отозван или закончился"),
    403: _("роль ключа этого не делает; попадает в журнал"),
    404: _("записи нет или она не вашей организации"),
    405: _("адрес не принимает такой метод"),
    409: _("правило не позволяет: все причины сразу; или запись изменил другой запрос"),
    413: _("тело слишком велико"),
    422: _("запрос не соответствует описанию, названо поле"),
    429: _("слишком много обращений: в Retry-After — через сколько секунд повторить"),
}


@cache
def description() -> dict[str, Any]:
    """The description by its own address, as every other reader has it. It never changes at work."""
    found = resolve(reverse("api:openapi-json"))
    with override("ru"):  # kept once: the pages put each phrase into the reader's language
        whole: dict[str, Any] = json.loads(
            found.func(HttpRequest(), *found.args, **found.kwargs).content
        )
    return whole


@page(public=True)
@require_GET
def interface(request: HttpRequest) -> HttpResponse:
    whole = description()
    found = operations(whole)
    me = next(one for one in found if one.name == "me")
    return render(
        request,
        "developers/interface.html",
        {
            "groups": by_task(found),
            "count": len(found),
            "errors": ERRORS.items(),
            "curl": me.curl(server()),
            "calls": settings.API_CALLS_A_MINUTE,
            "problem": PROBLEM,
            "gives_tokens": may(request.viewer, ROLES, "registry.tokens"),
            "address": reverse("api:openapi-json"),
        },
    )


@page(public=True)
@require_GET
def operation(request: HttpRequest, operation_id: str) -> HttpResponse:
    found = operations(description())
    places = {one.name: place for place, one in enumerate(found)}
    if operation_id not in places:
        raise Http404
    place = places[operation_id]
    this: Operation = found[place]
    return render(
        request,
        "developers/operation.html",
        {
            "it": this,
            "curl": this.curl(server()),
            "example": this.answer_example(),
            "errors": [(status, ERRORS[int(status)]) for status in this.errors],
            "before": found[place - 1] if place else None,
            "after": found[place + 1] if place + 1 < len(found) else None,
        },
    )


def server() -> str:
    return settings.PUBLIC_URL.rstrip("/")


PROBLEM = """{
  "type": "urn:merilo:problem:refused",
  "title": "Conflict",
  "status": 409,
  "detail": "…",
  "reasons": [
    {"code": "booking.too-early", "sentence": "…", "act": "…", "paragraph": "…"}
  ]
}"""
