"""Page: the log of the day, and what to do when something goes wrong. /days/5/incidents/"""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as N_
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.law import Refused
from merilo.testday import actions, queries
from merilo.web import refusals
from merilo.web.routes import page

from .scope import CONDUCT, day_to_conduct, frame

# What a person may write himself; the rest is written by the acts.
KINDS = {
    "technical": N_("техническая неисправность"),
    "violation": N_("нарушение порядка"),
    "health": N_("самочувствие участника"),
    "late": N_("опоздание"),
    "other": N_("другое"),
}
WORDS = KINDS | {
    "replacement": N_("замена на день тестирования"),
    "not-admitted": N_("участник не допущен"),
    "interrupted-tech": N_("прервано по техническим причинам"),
    "interrupted-personal": N_("прервано по личным причинам"),
}

# symptom, what to do, what is written into the protocol
GUIDE = (
    (
        N_("Не пишет аудио до начала"),
        N_(
            "Проверьте второе устройство или другую аудиторию. Пока запись не проверена, начинать "
            "нельзя."
        ),
        N_("Техническая неисправность: аудитория, устройство, чем заменено."),
    ),
    (
        N_("Аудиозапись ответа пропала"),
        N_(
            "Не закрывайте участие. Если проверка шла во время ответа, продолжайте; если только по "
            "записи — прервите по технической причине."
        ),
        N_("Техническая неисправность: код участника, время, что сохранилось."),
    ),
    (
        N_("Отключилось электричество"),
        N_(
            "Остановите части, сохраните работы. Не восстановили за разумное время — прервите "
            "участие по технической причине: дату установит министерство."
        ),
        N_("Техническая неисправность: время остановки и продолжения, у кого прервано."),
    ),
    (
        N_("У участника зазвонил телефон"),
        N_(
            "Сообщите председателю: аннулирует только он. Участник заканчивает часть или выходит "
            "по решению председателя."
        ),
        N_("Нарушение порядка: код участника, время, кто заметил."),
    ),
    (
        N_("Участнику стало плохо"),
        N_("Вызовите медработника и родителя. Не может продолжать — прервите по личной причине."),
        N_("Самочувствие участника: код, время, что сделано."),
    ),
)


class IncidentForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Что случилось"))
    attempt = forms.TypedChoiceField(
        label=gettext_lazy("Участник"), required=False, coerce=int, empty_value=None
    )
    text = forms.CharField(
        label=gettext_lazy("Описание и принятые меры"),
        help_text=gettext_lazy("Без фамилий: участника называет код."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )

    def __init__(self, *args, attempts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, _(words)) for kind, words in KINDS.items()]
        self.fields["attempt"].choices = [
            ("", _("не относится к одному участнику")),
            *((one.pk, one.code) for one in attempts),
        ]


@page(roles=CONDUCT)
@require_http_methods(["GET", "POST"])
def incidents(request: HttpRequest, day_id: int) -> HttpResponse:
    day = day_to_conduct(request, day_id)
    form = IncidentForm(request.POST or None, attempts=day.attempts.order_by("code"))
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_incident(
                day_id=day.pk,
                kind=form.cleaned_data["kind"],
                text=form.cleaned_data["text"],
                attempt_id=form.cleaned_data["attempt"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            messages.success(request, _("Событие записано и войдёт в протокол дня."))
            return redirect("day-incidents", day.pk)
    return render(
        request,
        "testday/incidents.html",
        frame(request, day, "day-incidents")
        | {
            "form": form,
            "incidents": [
                {"row": one, "words": _(WORDS.get(one.kind, one.kind))}
                for one in queries.incidents_of(day)
            ],
            "guide": [tuple(_(words) for words in line) for line in GUIDE],
        },
        status=400 if form.errors else 200,
    )
