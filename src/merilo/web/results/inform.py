"""Page: the school tells the parent the result. /results/12/inform/"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import override
from django.views.decorators.http import require_http_methods

from merilo.casework import queries as casework
from merilo.casework.steps import in_language
from merilo.foundation import clock, documents
from merilo.law import Refused
from merilo.registry import queries as registry
from merilo.results import actions
from merilo.results.access import ROLES
from merilo.web import refusals
from merilo.web.routes import page
from merilo.web.templatetags.merilo import day

from .papers import notice_of, viewed, what_next
from .scope import points_of, result_or_404, today_of


class InformForm(forms.Form):
    how = forms.ChoiceField(label=lazy("Как сообщить"), widget=forms.RadioSelect)
    on_portal = forms.BooleanField(
        label=lazy("Результат размещён в личном кабинете портала (ЕПГУ или РПГУ)"),
        required=False,
    )

    def __init__(self, application: Any, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        ways = []
        if application.notify_email:
            words = _("электронной почтой на %(to)s") % {"to": application.notify_email}
            ways.append(("email", words))
        if application.notify_address:
            ways.append(
                ("post", _("письмом по адресу: %(to)s") % {"to": application.notify_address})
            )
        if application.has_portal_account:
            ways.append(("portal", _("в личном кабинете портала")))
        ways.append(("hand", _("уведомление вручено лично под подпись")))
        self.fields["how"].choices = ways
        self.fields["how"].initial = ways[0][0]


@page(roles=ROLES["results.inform"])
@require_http_methods(["GET", "POST"])
def inform(request: HttpRequest, result_id: int) -> HttpResponse:
    result = result_or_404(request, result_id)
    application, today = result.application, today_of(request)
    form = InformForm(application, request.POST or None)
    if request.method == "POST" and form.is_valid():
        how = form.cleaned_data["how"]
        subject, body = letter_of(result)
        paper = None
        if how in ("email", "post"):
            viewed(request, result, "notice-sent")
            paper = documents.result_notice_pdf(notice_of(result, issued_on=today))
        try:
            actions.inform_parent(
                result_id=result_id,
                how=how,
                subject_line=subject,
                body=body,
                paper=paper,
                on_portal=form.cleaned_data["on_portal"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            messages.success(request, _("Отмечено: родителю сообщено."))
            return redirect("result", result_id)
    profile = registry.active_profile()
    return render(
        request,
        "results/inform.html",
        {
            "form": form,
            "result": result,
            "letter": letter_of(result)[1],
            "left": casework.working_days_left(result.parent_due, today=today, profile=profile),
            "source": profile.value("results.parent_wd", on=result.held_on),
        },
    )


def letter_of(result: Any) -> tuple[str, str]:
    """Subject and text in the language the parent chose. The name stands only in the notice."""
    language = result.application.language
    with override(language or "ru"):
        subject = _("Результат тестирования, заявление № %(number)s") % {
            "number": result.application.number
        }
    return subject, in_language(language, lambda: _text(result), official=True)


def _text(result: Any) -> str:
    application = result.application
    if result.annulled:
        said = _("Результат тестирования аннулирован. Тестирование считается не пройденным.")
    elif result.passed:
        said = _("Тестирование пройдено. Набрано баллов: %(points)s.")
    else:
        said = _("Тестирование не пройдено. Набрано баллов: %(points)s.")
    lines = [
        _("Здравствуйте!"),
        _("Заявление № %(number)s. Тестирование на знание русского языка — %(day)s.")
        % {"number": application.number, "day": day(result.held_on)},
        said % {"points": points_of(result)},
        _("Уведомление о результатах приложено к письму."),
        *what_next(result),
        "\n".join(
            line for line in (application.school.short_name, application.school.phone) if line
        ),
    ]
    return "\n\n".join(lines)
