"""Page: an expert's works — codes, never names; the next one with one button. /marking/"""

from __future__ import annotations

from collections import Counter

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merilo.foundation import clock
from merilo.grading import actions, queries
from merilo.grading.access import ROLES
from merilo.grading.queries import Work
from merilo.grading.rules import PART_WORDS, ProtocolState
from merilo.law import Part, Refused
from merilo.registry.access import Viewer
from merilo.web import refusals
from merilo.web.lists import paginate
from merilo.web.routes import page

WAITS, MINE, DONE, TAKEN, EARLY = "waits", "mine", "done", "taken", "early"
STATES = {
    WAITS: (gettext_lazy("ждёт проверки"), "soon"),
    MINE: (gettext_lazy("проверяете вы"), "info"),
    DONE: (gettext_lazy("подписан протокол"), "ok"),
    TAKEN: (gettext_lazy("у другого эксперта"), "wait"),
    EARLY: (gettext_lazy("часть ещё не пройдена"), "wait"),
}


def state_of(work: Work) -> str:
    """Where a work is, in the words of the list."""
    if work.taken:
        return TAKEN
    if work.state in (ProtocolState.SIGNED, ProtocolState.LOCKED):
        return DONE
    if work.mine:
        return MINE
    return WAITS if work.ready else EARLY


class WorksFilter(forms.Form):
    state = forms.ChoiceField(
        label=gettext_lazy("Состояние"),
        required=False,
        choices=[
            ("", gettext_lazy("любое")),
            *((key, words) for key, (words, _kind) in STATES.items()),
        ],
    )
    part = forms.ChoiceField(
        label=gettext_lazy("Часть"),
        required=False,
        choices=[
            ("", gettext_lazy("обе")),
            (Part.ORAL, gettext_lazy("устная")),
            (Part.WRITTEN, gettext_lazy("письменная")),
        ],
    )
    days = forms.ChoiceField(
        label=gettext_lazy("Дни"),
        required=False,
        choices=[("", gettext_lazy("несведённые")), ("all", gettext_lazy("все"))],
    )


@page(roles=ROLES["grading.mark"])
@require_GET
def marking(request: HttpRequest) -> HttpResponse:
    form = WorksFilter(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    works = queries.works_of(request.viewer, open_days=chosen.get("days") != "all")
    counts = Counter(state_of(work) for work in works)
    own = len(works) - counts[TAKEN]
    shown = [
        work
        for work in works
        if (not chosen.get("state") or state_of(work) == chosen["state"])
        and (not chosen.get("part") or work.part == chosen["part"])
    ]
    return render(
        request,
        "marking/works.html",
        {
            "page": paginate(request, [row_of(work) for work in shown]),
            "form": form,
            "done": counts[DONE],
            "own": own,
            "waits": counts[WAITS] + counts[MINE],
            "any": bool(works),
        },
    )


def row_of(work: Work) -> dict[str, object]:
    """A work as the list and the page before it show it."""
    words, kind = STATES[state_of(work)]
    return {
        "work": work,
        "part": PART_WORDS[work.part],
        "url": f"marking-{work.part}",
        "state": words,
        "kind": kind,
    }


@page(roles=ROLES["grading.mark"])
@require_POST
def next_work(request: HttpRequest) -> HttpResponse:
    return open_next(request)


def open_next(request: HttpRequest, after: tuple[int, str] | None = None) -> HttpResponse:
    """Take the next waiting work; another expert may be quicker, then the one after it."""
    viewer = request.viewer
    for _try in range(5):
        work = queries.next_work(viewer, after)
        if work is None:
            messages.success(
                request, _("Проверено всё, что ждало вас. Новые работы появятся здесь.")
            )
            return redirect("marking")
        try:
            protocol = actions.open_protocol(
                attempt_id=work.attempt_id, part=work.part, actor=viewer, now=clock.now()
            )
        except Refused:
            after = (work.attempt_id, str(work.part))
            continue
        return redirect("marking-protocol", protocol.pk)
    messages.info(
        request, _("Работы берут и другие эксперты. Нажмите «Следующая работа» ещё раз.")
    )
    return redirect("marking")


@page(roles=ROLES["grading.mark"])
@require_http_methods(["GET", "POST"])
def oral(request: HttpRequest, attempt_id: int) -> HttpResponse:
    return one_work(request, attempt_id, Part.ORAL)


@page(roles=ROLES["grading.mark"])
@require_http_methods(["GET", "POST"])
def written(request: HttpRequest, attempt_id: int) -> HttpResponse:
    return one_work(request, attempt_id, Part.WRITTEN)


def one_work(request: HttpRequest, attempt_id: int, part: Part) -> HttpResponse:
    """The work before it is taken; one's own opens at once."""
    viewer: Viewer = request.viewer
    if request.method == "POST":
        try:
            protocol = actions.open_protocol(
                attempt_id=attempt_id, part=part, actor=viewer, now=clock.now()
            )
        except ObjectDoesNotExist as wrong:
            raise Http404 from wrong
        except Refused as refused:
            refusals.flash(request, refused)
            return redirect(f"marking-{part}", attempt_id)
        return redirect("marking-protocol", protocol.pk)
    work = queries.work_of(viewer, attempt_id, part)
    if work is None:
        raise Http404
    if work.mine:
        return redirect("marking-protocol", work.protocol_id)
    return render(request, "marking/work.html", {"row": row_of(work), "work": work})
