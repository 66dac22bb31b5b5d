"""Page: where the parent is written to. /applications/12/contacts/"""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.admissions import access, actions
from merilo.foundation import clock
from merilo.web.case.case import found, frame
from merilo.web.routes import page


class Contacts(forms.Form):
    notify_email = forms.EmailField(label=lazy("Электронная почта"), required=False)
    notify_address = forms.CharField(label=lazy("Почтовый адрес"), max_length=300, required=False)
    notify_phone = forms.CharField(label=lazy("Телефон"), max_length=40, required=False)
    language = forms.ChoiceField(label=lazy("Язык писем родителю"), choices=settings.LANGUAGES)


@page(roles=access.ROLES["admissions.register"])
@require_http_methods(["GET", "POST"])
def contacts(request: HttpRequest, application_id: int) -> HttpResponse:
    application = found(request, application_id)
    now = {name: getattr(application, name) for name in Contacts.base_fields}
    form = Contacts(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        actions.change_contacts(
            application_id=application.pk,
            actor=request.viewer,
            now=clock.now(),
            **form.cleaned_data,
        )
        messages.success(request, _("Сохранено. Следующие письма уйдут по новому адресу."))
        return redirect("application", application_id=application.pk)
    return render(
        request,
        "school/contacts.html",
        frame(request, application) | {"form": form},
        status=422 if form.errors else 200,
    )
