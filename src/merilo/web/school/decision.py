"""Page: the decision on admission, training after a failed test, what follows a no-show.

/applications/12/decision/
"""

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
from merilo.admissions.rules import ApplicationState as S
from merilo.foundation import clock
from merilo.law import Refused
from merilo.registry import queries as registry
from merilo.web.case.case import found, frame
from merilo.web.case.timeline import capital
from merilo.web.refusals import flash
from merilo.web.routes import page
from merilo.web.school.new import named


class Note(forms.Form):
    note = forms.CharField(label=lazy("Примечание"), required=False, max_length=500)


class TrainingChoice(forms.Form):
    choice = forms.ChoiceField(label=lazy("Что выбрал родитель"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=lazy("Какие организации предложены"), required=False, max_length=300
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = named(rules.TRAINING_NAMES)


DOING = {
    "enrol": (actions.enrol, lazy("Решение о приёме принято. Родителю уйдёт письмо.")),
    "refuse": (
        actions.refuse_test_failed,
        lazy("Отказ оформлен. В письме родителю — срок новой попытки и обучение."),
    ),
    "no_places": (
        actions.refuse_no_places,
        lazy("Отказ оформлен: свободных мест нет. Родителю уйдёт письмо."),
    ),
    "close": (actions.close_after_no_show, lazy("Дело закрыто. Родителю уйдёт письмо.")),
}


@page(roles=access.ROLES["admissions.decide"])
@require_http_methods(["GET", "POST"])
def decision(request: HttpRequest, application_id: int) -> HttpResponse:
    application = found(request, application_id)
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if do == "training":
                _training(request, application)
            elif do in DOING:
                action, said = DOING[do]
                action(
                    application_id=application.pk,
                    actor=request.viewer,
                    now=clock.now(),
                    note=request.POST.get("note", "")[:500],
                )
                messages.success(request, str(said))
        except Refused as refused:
            flash(request, refused)
        return redirect("application-decision", application_id=application.pk)
    return _show(request, application)


def _training(request: HttpRequest, application: Any) -> None:
    form = TrainingChoice(request.POST)
    if not form.is_valid():
        messages.error(request, _("Выберите один из ответов родителя."))
        return
    actions.offer_training(
        application_id=application.pk,
        choice=rules.Training(form.cleaned_data["choice"]),
        note=form.cleaned_data["note"],
        actor=request.viewer,
        now=clock.now(),
    )
    messages.success(request, _("Отметка об обучении сохранена."))


def _show(request: HttpRequest, application: Any) -> HttpResponse:
    state = S(application.state)
    today = clock.today(request.viewer.timezone)
    profile = registry.active_profile()
    retest = rules.retest_from(
        queries.failed_on(application.child_id),
        rules.Category(application.category),
        asked_on=today,
        profile=profile,
    )
    return render(
        request,
        "school/decision.html",
        frame(request, application)
        | {
            "note": Note(),
            "training": TrainingChoice(
                initial={"choice": application.training, "note": application.training_note}
            ),
            "training_words": capital(
                _(rules.TRAINING_NAMES[rules.Training(application.training)])
            )
            if application.training
            else "",
            "enrolling": state in rules.ENROLLING_STATES,
            "passed": state == S.PASSED,
            "failed": state == S.FAILED,
            "after_no_show": _after_no_show(application)
            if state in rules.UNTESTED_STATES
            else None,
            "not_admitted": state == S.NOT_ADMITTED,
            "training_due": state in rules.TRAINING_STATES,
            "reasons": ()
            if state in rules.END_STATES or state in (S.FAILED, *rules.UNTESTED_STATES)
            else tuple(rules.reasons_against_enrolling(state)),
            "retest_from": retest.dates["earliest"],
            "retest_law": retest.decided_under,
            "ended": state in rules.END_STATES,
        },
    )


def _after_no_show(application: Any) -> dict[str, Any]:
    """What follows the no-show, in words with the paragraph, and whether the school ends the case."""
    missed = queries.no_show_facts(application.pk)
    if missed is None:
        return {"words": _("Ребёнка можно записать на другой день.")}
    follows, value = rules.after_no_show(missed, registry.active_profile())
    return {
        "words": {
            rules.AfterNoShow.WAIT: _(
                "Неявка не считается проваленной попыткой. МОУО подтверждает её причину: после этого "
                "ребёнка можно будет один раз записать на другой день по тому же направлению."
            ),
            rules.AfterNoShow.REBOOK: _("Ребёнка можно записать на другой день."),
        }.get(follows)
        or _(rules.WHY_IT_ENDS[follows].text),
        "value": value,
        "ends": follows in rules.WHY_IT_ENDS,
    }
