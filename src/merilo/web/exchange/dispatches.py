"""Page: «Переданные сведения» — what other organisations handed to us and we to them. /exchange/"""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from merilo.casework import actions, queries
from merilo.casework.access import ROLES
from merilo.casework.rules import FAILURE_WORDS, Failure, NoticeState
from merilo.foundation import clock
from merilo.web.lists import export, paginate, wants_export
from merilo.web.routes import page

KINDS = {
    "referral_copy": gettext_lazy("Копия направления"),
    "referral_revoked": gettext_lazy("Направление отозвано"),
    "referral_replaced": gettext_lazy("Направление заменено министерством"),
    "referral_elsewhere": gettext_lazy("Новое направление в другую организацию"),
    "result_to_school": gettext_lazy("Выписка из протокола"),
    "result_to_mouo": gettext_lazy("Результаты по форме сбора сведений"),
    "result_to_rcoi": gettext_lazy("Результаты в РЦОИ"),
    "no_show": gettext_lazy("Сведения о неявке"),
    "no_show_reason": gettext_lazy("Причина неявки подтверждена"),
    "not_admitted": gettext_lazy("Участник не допущен к тестированию"),
    "interrupted_tech": gettext_lazy("Тестирование прервано: нужна дополнительная дата"),
    "interrupted_personal": gettext_lazy(
        "Тестирование прервано по личной причине: нужна дополнительная дата"
    ),
    "annulled_not_booked": gettext_lazy("Заявление аннулировано"),
    "enrolment": gettext_lazy("Решение о приёме"),
}


class DispatchFilter(forms.Form):
    way = forms.ChoiceField(
        label=gettext_lazy("Направление"),
        choices=[("in", gettext_lazy("получено")), ("out", gettext_lazy("передано"))],
        required=False,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Что"),
        choices=[("", gettext_lazy("всё")), *KINDS.items()],
        required=False,
    )
    state = forms.ChoiceField(
        label=gettext_lazy("Состояние"),
        choices=[
            ("", gettext_lazy("любое")),
            ("new", gettext_lazy("получение не подтверждено")),
            ("late", gettext_lazy("передано с опозданием")),
        ],
        required=False,
    )


@page(roles=ROLES["casework.dispatches"])
@require_GET
def dispatches(request: HttpRequest) -> HttpResponse:
    form = DispatchFilter(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    outgoing = chosen.get("way") == "out"
    viewer = request.viewer
    found = queries.dispatches_from(viewer) if outgoing else queries.dispatches_to(viewer)
    if chosen.get("kind"):
        found = found.filter(kind=chosen["kind"])
    if chosen.get("state") == "new":
        found = found.filter(received_at=None)
    elif chosen.get("state") == "late":
        found = found.filter(sent_late=True)
    if wants_export(request):
        return export(
            request,
            "dispatches",
            title=_("Переданные сведения"),
            columns=[
                (_("Что"), lambda one: str(KINDS.get(one.kind, one.kind))),
                (_("Дело"), lambda one: one.label),
                (_("Кто передал"), lambda one: one.sender.short_name),
                (_("Кому"), lambda one: one.recipient.short_name),
                (_("Срок"), lambda one: one.due_on),
                (_("Передано"), lambda one: one.sent_at),
                (_("Получено"), lambda one: one.received_at),
            ],
            rows=found,
        )
    shown = paginate(request, found)
    for dispatch in shown.object_list:
        dispatch.title = KINDS.get(dispatch.kind, dispatch.kind)
    return render(
        request,
        "exchange/dispatches.html",
        {"page": shown, "form": form, "outgoing": outgoing},
    )


@page(roles=ROLES["casework.receive"])
@require_POST
def receive_dispatch(request: HttpRequest, dispatch_id: int) -> HttpResponse:
    actions.receive(dispatch_id=dispatch_id, actor=request.viewer, now=clock.now())
    messages.success(request, _("Получение подтверждено."))
    return redirect("dispatches")


class NoticeFilter(forms.Form):
    state = forms.ChoiceField(
        label=gettext_lazy("Состояние"),
        required=False,
        choices=[
            ("", gettext_lazy("любое")),
            (NoticeState.QUEUED, gettext_lazy("ждёт отправки")),
            (NoticeState.SENT, gettext_lazy("отправлено")),
            (NoticeState.FAILED, gettext_lazy("не отправлено")),
            (NoticeState.DELIVERED, gettext_lazy("вручено")),
        ],
    )


NOTICE_STATES = {
    NoticeState.DRAFT: (gettext_lazy("черновик"), "wait"),
    NoticeState.QUEUED: (gettext_lazy("ждёт отправки"), "soon"),
    NoticeState.CLAIMED: (gettext_lazy("отправляется"), "soon"),
    NoticeState.SENT: (gettext_lazy("отправлено"), "info"),
    NoticeState.FAILED: (gettext_lazy("не отправлено"), "late"),
    NoticeState.DELIVERED: (gettext_lazy("вручено"), "ok"),
    NoticeState.DISCARDED: (gettext_lazy("снято"), "wait"),
}
CHANNELS = {
    "email": gettext_lazy("электронная почта"),
    "post": gettext_lazy("почтовое письмо"),
    "portal": gettext_lazy("личный кабинет портала"),
    "hand": gettext_lazy("вручается лично"),
}


@page(roles=ROLES["casework.notices"])
@require_GET
def notices(request: HttpRequest, *, unsent: bool = False) -> HttpResponse:
    """The letters; `unsent`: only those the alarm in «Мои дела» speaks about."""
    form = NoticeFilter(request.GET or None)
    found = queries.notices_of(request.viewer)
    if unsent:
        found = found.filter(pk__in=queries.unsent_for_long(clock.now()).values("pk"))
    if form.is_valid() and form.cleaned_data["state"]:
        found = found.filter(state=form.cleaned_data["state"])
    shown = paginate(request, found)
    for notice in shown.object_list:
        notice.words, notice.tag = NOTICE_STATES[NoticeState(notice.state)]
        notice.way = CHANNELS[notice.channel]
        notice.why = _(FAILURE_WORDS[Failure(notice.failure)]) if notice.failure else ""
        notice.may_resend = notice.state == NoticeState.FAILED
        notice.may_deliver = notice.state in (
            NoticeState.QUEUED,
            NoticeState.SENT,
            NoticeState.FAILED,
        )
    return render(
        request, "exchange/notices.html", {"page": shown, "form": form, "unsent": unsent}
    )


@page(roles=ROLES["casework.notice_state"])
@require_POST
def notice_act(request: HttpRequest, notice_id: int, act: str) -> HttpResponse:
    do = actions.send_again if act == "again" else actions.note_delivered
    do(notice_id=notice_id, actor=request.viewer, now=clock.now())
    messages.success(
        request, _("Поставлено в очередь.") if act == "again" else _("Вручение отмечено.")
    )
    return redirect("notices")
