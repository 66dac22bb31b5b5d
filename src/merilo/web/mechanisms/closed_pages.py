"""Page: the login and password of a closed page — kept, shown on request. /mechanisms/links/7/access/"""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.law import Refused
from merilo.mechanisms import actions, queries
from merilo.mechanisms.access import ROLES
from merilo.registry.access import may, permit
from merilo.web.refusals import flash, show
from merilo.web.routes import page


class AccessForm(forms.Form):
    login = forms.CharField(
        label=lazy("Логин"), required=False, max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    password = forms.CharField(
        label=lazy("Пароль"), required=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    other = forms.CharField(
        label=lazy("Другие сведения, которые открывают страницу"), required=False,
        max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


@page(roles=ROLES["mechanisms.read_secret"])
@never_cache
@require_http_methods(["GET", "POST"])
def access(request: HttpRequest, link_id: int) -> HttpResponse:
    link = queries.forms.links_visible_to(request.viewer).filter(pk=link_id).first()
    if link is None:
        raise Http404
    submission, shown = link.answer.submission, None
    keeps = request.method == "POST" and request.POST.get("do") != "show"
    form = AccessForm(request.POST if keeps else None)
    if keeps:
        permit(request.viewer, ROLES, "mechanisms.fill")
        if form.is_valid():
            try:
                actions.keep_secret(
                    submission_id=submission.pk, link_id=link.pk, said=form.cleaned_data,
                    actor=request.viewer, now=clock.now(),
                )  # fmt: skip
            except Refused as refused:
                show(refused, form)
            else:
                messages.success(request, _("Доступ сохранён зашифрованным."))
                return redirect("mechanisms-access", link_id=link.pk)
    elif request.method == "POST":
        try:
            shown = actions.show_secret(link_id=link.pk, actor=request.viewer, now=clock.now())
        except Refused as refused:
            flash(request, refused)
            return redirect("mechanisms-access", link_id=link.pk)
    return render(
        request,
        "mechanisms/access.html",
        {
            "link": link,
            "submission": submission,
            "code": link.answer.criterion.code,
            "form": form if may(request.viewer, ROLES, "mechanisms.fill") else None,
            "kept": queries.forms.has_secret(link),
            "shown": shown,
        },
        status=422 if form.errors else 200,
    )
