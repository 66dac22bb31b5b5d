"""Pages: people and their roles, /people/; one of them; a new one with a password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from merilo.foundation import clock
from merilo.law import Refused
from merilo.registry import access, actions, queries
from merilo.registry.access import ROLE_NAMES, Role
from merilo.web.lists import paginate
from merilo.web.refusals import flash, show
from merilo.web.routes import page

from .words import found, organisation_choices, role_choices


class Filter(forms.Form):
    text = forms.CharField(label=lazy("Логин или организация"), required=False, max_length=100)
    role = forms.ChoiceField(label=lazy("Роль"), required=False)
    off = forms.BooleanField(label=lazy("И отключённые"), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _("любая")), *role_choices()]


def _positions(account: Any, today: Any) -> list[dict[str, Any]]:
    return [
        {
            "it": one,
            "role": _(ROLE_NAMES[Role(one.role)]),
            "open": one.period().holds(today),
        }
        for one in sorted(account.positions.all(), key=lambda p: (p.valid_from, p.pk))
    ]


@page(roles=access.ROLES["registry.accounts"])
@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    form = Filter(request.GET)
    form.is_valid()
    said = form.cleaned_data
    shown = paginate(
        request,
        queries.accounts_list(
            viewer,
            today=today,
            text=said.get("text", ""),
            role=said.get("role", ""),
            off=said.get("off", False),
        ),
    )
    shown.object_list = [
        {"it": row, "positions": _positions(row, today)} for row in shown.object_list
    ]
    return render(request, "registry/accounts.html", {"page": shown, "form": form})


class PositionForm(forms.Form):
    organisation = forms.ChoiceField(label=lazy("Организация"))
    role = forms.ChoiceField(label=lazy("Роль"))
    title = forms.CharField(label=lazy("Должность"), max_length=120)
    valid_from = forms.DateField(label=lazy("С какого дня"))

    def __init__(self, *args: Any, organisations: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [("", _("выберите")), *organisations]
        self.fields["role"].choices = [("", _("выберите")), *role_choices()]

    def position(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {
            "organisation_id": int(said["organisation"]),
            "role": Role(said["role"]),
            "title": said["title"],
            "valid_from": said["valid_from"],
        }


class Ending(forms.Form):
    which = forms.ChoiceField(label=lazy("Какую должность"))
    until = forms.DateField(label=lazy("Последний день"), help_text=lazy("Этот день ещё входит."))

    def __init__(self, *args: Any, positions: list[dict[str, Any]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["which"].choices = [
            (str(one["it"].pk), f"{one['role']}: {one['it'].organisation.short_name}")
            for one in positions
            if one["it"].valid_to is None
        ]


class NewPerson(PositionForm):
    last_name = forms.CharField(label=lazy("Фамилия"), max_length=100)
    first_name = forms.CharField(label=lazy("Имя"), max_length=100)
    patronymic = forms.CharField(label=lazy("Отчество"), max_length=100, required=False)
    login = forms.CharField(
        label=lazy("Логин"),
        max_length=60,
        help_text=lazy("Латинские буквы и цифры, например ivanova.ap."),
    )
    email = forms.EmailField(
        label=lazy("Электронная почта"),
        required=False,
        help_text=lazy("По ней сотрудник сам восстановит пароль."),
    )

    field_order = ("last_name", "first_name", "patronymic", "login", "email")


@page(roles=access.ROLES["registry.accounts"])
@require_http_methods(["GET", "POST"])
def account_new(request: HttpRequest) -> HttpResponse:
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    form = NewPerson(
        request.POST or None,
        organisations=organisation_choices(viewer, on=today),
        initial={"valid_from": today, "organisation": request.GET.get("organisation", "")},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        names = ("last_name", "first_name", "patronymic", "email")
        try:
            made, password = found(
                lambda: actions.create_account(
                    new=actions.NewAccount(
                        login=said["login"].strip().lower(), **{n: said[n] for n in names}
                    ),
                    **form.position(),
                    actor=viewer,
                    now=clock.now(),
                )
            )
        except Refused as refused:
            show(refused, form)
        else:
            return _password_once(request, made, password)
    return render(
        request, "registry/account_new.html", {"form": form}, status=422 if form.errors else 200
    )


def _password_once(request: HttpRequest, account: Any, password: str) -> HttpResponse:
    """The page with the password: shown now, kept nowhere."""
    return render(request, "registry/password.html", {"it": account, "password": password})


@page(roles=access.ROLES["registry.accounts"])
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    it = found(lambda: queries.account_of(viewer, account_id))
    task = request.POST.get("task", "")
    by: dict[str, Any] = {"actor": viewer, "now": clock.now()}
    form = PositionForm(
        request.POST if task == "give" else None,
        organisations=organisation_choices(viewer, on=today),
        initial={"valid_from": today},
    )
    until = Ending(
        request.POST if task == "end" else None,
        positions=_positions(it, today),
        prefix="end",
        initial={"until": today},
    )
    if request.method == "POST":
        try:
            done = ""
            if task == "give" and form.is_valid():
                found(lambda: actions.give_position(account_id=it.pk, **form.position(), **by))
                done = _("Должность назначена.")
            elif task == "end" and until.is_valid():
                said = until.cleaned_data
                found(
                    lambda: actions.end_position(
                        position_id=int(said["which"]), until=said["until"], **by
                    )
                )
                done = _("Должность прекращена.")
            elif task == "off":
                found(lambda: actions.deactivate_account(account_id=it.pk, **by))
                done = _("Учётная запись отключена: войти по ней больше нельзя.")
            elif task == "on":
                found(lambda: actions.reactivate_account(account_id=it.pk, **by))
                done = _("Учётная запись включена.")
            elif task == "password":
                made, password = found(lambda: actions.reset_password(account_id=it.pk, **by))
                return _password_once(request, made, password)
            if done:
                messages.success(request, done)
                return redirect("account", account_id=it.pk)
        except Refused as refused:
            if task in ("give", "end"):
                show(refused, form if task == "give" else until)
            else:
                flash(request, refused)
                return redirect("account", account_id=it.pk)
    wrong = form.errors or until.errors
    return render(
        request,
        "registry/account.html",
        {
            "it": it,
            "held": _positions(it, today),
            "form": form,
            "until": until if until.fields["which"].choices else None,
            "own": it.pk == viewer.account_id,
        },
        status=422 if wrong else 200,
    )
