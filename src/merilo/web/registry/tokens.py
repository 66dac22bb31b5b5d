"""Page: keys of the programming interface: made, seen once, revoked. /tokens/"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.law import Refused
from merilo.registry import access, actions, queries
from merilo.registry.access import ROLE_NAMES, Role
from merilo.web.lists import paginate
from merilo.web.refusals import flash, show
from merilo.web.routes import page

from .words import found


class NewToken(forms.Form):
    name = forms.CharField(
        label=lazy("Для какой системы"), max_length=120, help_text=lazy("Например: АИС «Школа».")
    )
    position = forms.ChoiceField(
        label=lazy("От чьего имени"),
        help_text=lazy("Система сможет ровно то, что может этот сотрудник в этой организации."),
    )
    expires_on = forms.DateField(
        label=lazy("Последний день"), help_text=lazy("Не больше чем на год вперёд.")
    )

    def __init__(self, *args: Any, positions: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["position"].choices = [
            ("", _("выберите")),
            *(
                (
                    str(one.pk),
                    f"{one.organisation.short_name}: {one.account.login}, "
                    f"{_(ROLE_NAMES[Role(one.role)])}",
                )
                for one in positions
            ),
        ]


@page(roles=access.ROLES["registry.tokens"])
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    making = request.method == "POST" and request.POST.get("task") == "make"
    form = NewToken(
        request.POST if making else None,
        positions=queries.open_positions(viewer, today=today),
        initial={"expires_on": today + timedelta(days=180)},
    )
    text = ""
    if making and form.is_valid():
        said = form.cleaned_data
        try:
            _made, text = found(
                lambda: actions.make_token(
                    position_id=int(said["position"]),
                    name=said["name"],
                    expires_on=said["expires_on"],
                    actor=viewer,
                    now=clock.now(),
                )
            )
        except Refused as refused:
            show(refused, form)
    elif request.method == "POST" and not making:
        which = request.POST.get("which", "")
        number = int(which) if which.isascii() and which.isdigit() and len(which) < 12 else 0
        try:
            found(lambda: actions.revoke_token(token_id=number, actor=viewer, now=clock.now()))
            messages.success(request, _("Ключ отозван: он не работает с этой минуты."))
        except Refused as refused:
            flash(request, refused)
        return redirect("tokens")
    shown = paginate(request, queries.tokens_visible_to(viewer))
    shown.object_list = [
        {
            "it": one,
            "role": _(ROLE_NAMES[Role(one.position.role)]),
            "works": one.revoked_at is None
            and one.expires_on >= today
            and one.position.period().holds(today)
            and one.position.account.is_active,
        }
        for one in shown.object_list
    ]
    return render(
        request,
        "registry/tokens.html",
        {"page": shown, "form": form, "text": text},
        status=422 if form.errors else 200,
    )
