"""Page: check the register, then refer, exempt or refuse. /applications/12/authenticity/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.admissions import access, actions, queries, rules
from merilo.foundation import clock
from merilo.law import Refused
from merilo.registry import queries as registry
from merilo.web.case.case import form_words, found, frame
from merilo.web.refusals import flash
from merilo.web.routes import page
from merilo.web.school.new import named


class Register(forms.Form):
    outcome = forms.ChoiceField(
        label=lazy("Что показала проверка"),
        widget=forms.RadioSelect,
        choices=[
            (rules.RegisterCheck.CLEAR, lazy("Сведений о заявителе нет")),
            (rules.RegisterCheck.LISTED, lazy("Сведения есть")),
        ],
    )


class Refer(forms.Form):
    with_copies = forms.BooleanField(
        label=lazy("Сразу передать копии тестирующей организации и МОУО"),
        required=False,
        initial=True,
    )


class Refuse(forms.Form):
    reasons = forms.MultipleChoiceField(
        label=lazy("Причины"), widget=forms.CheckboxSelectMultiple, required=False
    )
    note = forms.CharField(
        label=lazy("Пояснение для родителя"),
        required=False,
        max_length=500,
        widget=forms.Textarea,
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["reasons"].choices = named(rules.UNRELIABLE_NAMES)


class NoPlaces(forms.Form):
    note = forms.CharField(label=lazy("Пояснение для родителя"), required=False, max_length=500)


@page(roles=access.ROLES["admissions.refer"])
@require_http_methods(["GET", "POST"])
def authenticity(request: HttpRequest, application_id: int) -> HttpResponse:
    application = found(request, application_id)
    if request.method == "POST":
        doing = {
            "register": _register,
            "refer": _refer,
            "exempt": _exempt,
            "refuse": _refuse,
            "no_places": _no_places,
        }.get(request.POST.get("do", ""))
        if doing is not None:
            try:
                return doing(request, application)
            except Refused as refused:
                flash(request, refused)
        return redirect("application-authenticity", application_id=application.pk)
    return _show(request, application)


def _register(request: HttpRequest, application: Any) -> HttpResponse:
    form = Register(request.POST)
    if not form.is_valid():
        messages.error(request, _("Выберите, что показала проверка по реестру."))
    else:
        actions.check_register(
            application_id=application.pk,
            outcome=rules.RegisterCheck(form.cleaned_data["outcome"]),
            actor=request.viewer,
            now=clock.now(),
        )
        messages.success(request, _("Проверка по реестру отмечена."))
    return redirect("application-authenticity", application_id=application.pk)


def _refer(request: HttpRequest, application: Any) -> HttpResponse:
    referral = actions.issue_referral(
        application_id=application.pk,
        actor=request.viewer,
        now=clock.now(),
        with_copies="with_copies" in request.POST,
    )
    messages.success(request, _("Направление № %(number)s выдано.") % {"number": referral.number})
    return redirect("application-referral", application_id=application.pk)


def _exempt(request: HttpRequest, application: Any) -> HttpResponse:
    actions.exempt(application_id=application.pk, actor=request.viewer, now=clock.now())
    messages.success(request, _("Тестирование не требуется. Осталось принять решение о приёме."))
    return redirect("application-decision", application_id=application.pk)


def _refuse(request: HttpRequest, application: Any) -> HttpResponse:
    form = Refuse(request.POST)
    if not form.is_valid():
        messages.error(request, _("Отметьте причины отказа из списка."))
        return redirect("application-authenticity", application_id=application.pk)
    actions.refuse_unreliable(
        application_id=application.pk,
        reasons=[rules.UnreliableReason(code) for code in form.cleaned_data["reasons"]],
        note=form.cleaned_data["note"],
        actor=request.viewer,
        now=clock.now(),
    )
    messages.success(request, _("Отказ оформлен. Родителю уйдёт письмо с причинами."))
    return redirect("application", application_id=application.pk)


def _no_places(request: HttpRequest, application: Any) -> HttpResponse:
    actions.refuse_no_places(
        application_id=application.pk,
        actor=request.viewer,
        now=clock.now(),
        note=request.POST.get("note", "")[:500],
    )
    messages.success(request, _("Отказ оформлен: свободных мест нет. Родителю уйдёт письмо."))
    return redirect("application", application_id=application.pk)


def _show(request: HttpRequest, application: Any) -> HttpResponse:
    today = clock.today(request.viewer.timezone)
    profile = registry.active_profile()
    facts = application.facts()
    assigned = registry.testing_orgs_of(application.school_id, on=today)
    tests = queries.past_tests_of(application.child_id, without=application.pk)
    free = rules.exemption(facts.category, on=today, profile=profile)
    reasons = (
        tuple(rules.reasons_against_exempting(facts, on=today, profile=profile))
        if free
        else tuple(
            rules.reasons_against_referral(
                facts,
                on=today,
                profile=profile,
                passed_before=next(
                    ((test.tested_on, test.grade) for test in tests if test.passed), None
                ),
            )
        )
    )
    state = rules.ApplicationState(application.state)
    retest = rules.retest_from(
        [test.tested_on for test in tests if not test.passed],
        facts.category,
        asked_on=today,
        profile=profile,
    )
    return render(
        request,
        "school/authenticity.html",
        frame(request, application)
        | {
            "checking": state == rules.ApplicationState.AUTHENTICITY_CHECK,
            "register": Register(
                initial={"outcome": application.register_check}
                if application.register_check != rules.RegisterCheck.NOT_DONE
                else None
            ),
            "register_done": application.register_check != rules.RegisterCheck.NOT_DONE,
            "refer": Refer(),
            "refuse": Refuse(),
            "no_places": NoPlaces(),
            "may_refuse": rules.ApplicationState.REFUSED_UNRELIABLE in rules.TRANSITIONS[state],
            "may_refuse_places": rules.ApplicationState.REFUSED_NO_PLACES
            in rules.TRANSITIONS[state],
            "free": free,
            "reasons": reasons,
            "blocked": any(not reason.is_warning for reason in reasons),
            "testing_org": assigned[0] if assigned else None,
            "test_form": form_words(application, today),
            "attempt_no": len(tests) + 1,
            "earliest": retest.dates["earliest"],
            "category": _(rules.CATEGORY_NAMES[facts.category]),
        },
    )
