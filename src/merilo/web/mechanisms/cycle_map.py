"""Page: the map of a track's management cycle and its gaps. /mechanisms/submissions/3/map/12/

The municipality draws it; experts decide on its gaps, each for himself.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merilo.foundation import clock
from merilo.law import Refused
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.actions import mapping as actions
from merilo.mechanisms.queries import cycle_map as queries
from merilo.mechanisms.queries import expertise
from merilo.mechanisms.rules.cycle import GAP_WORDS, JUDGED, GapKind, Judgement
from merilo.mechanisms.rules.expertise import DEDUCTION_WORDS
from merilo.mechanisms.rules.states import CycleState
from merilo.mechanisms.rules.tree import COMPONENT_NAMES, Component
from merilo.registry.access import may
from merilo.web import refusals
from merilo.web.routes import page

from .words import is_id

READ = ROLES["mechanisms.read_map"]
DRAW = ROLES["mechanisms.draw"]
SCORE = ROLES["mechanisms.score"]


class PartForm(forms.Form):
    component = forms.ChoiceField(
        label=lazy("Часть цикла"),
        choices=[(str(one), lazy(COMPONENT_NAMES[one])) for one in Component],
    )
    title = forms.CharField(
        label=lazy("Как названо в документе"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    after = forms.TypedChoiceField(
        label=lazy("Следует из"), coerce=int, empty_value=None, required=False
    )
    link = forms.TypedChoiceField(
        label=lazy("Документ из формы"), coerce=int, empty_value=None, required=False
    )
    from_schools = forms.BooleanField(label=lazy("Собирает сведения у школ"), required=False)
    needs = forms.BooleanField(
        label=lazy("Содержит данные о потребностях обучающихся в дополнительном образовании"),
        required=False,
    )

    def __init__(self, *args: Any, drawn: queries.Drawn, links: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["after"].choices = [
            ("", _("ни из чего")),
            *(
                (one.pk, f"{_(COMPONENT_NAMES[one.component])}: {one.title}")
                for one in drawn.nodes
            ),
        ]
        self.fields["link"].choices = [
            ("", _("нет")),
            *((one.pk, one.document_name or one.url) for one in links),
        ]


@page(roles=READ)
@require_GET
def maps(request: HttpRequest, submission_id: int) -> HttpResponse:
    """The tracks of a submission, each with the number of gaps on its map."""
    submission = queries.maps_visible_to(request.viewer).get(pk=submission_id)
    rows = [(one.track, len(one.nodes), one.gaps) for one in queries.maps_of(submission)]
    return render(request, "mechanisms/maps.html", {"submission": submission, "rows": rows})


@page(roles=READ)
@require_http_methods(["GET", "POST"])
def track_map(request: HttpRequest, submission_id: int, track_id: int) -> HttpResponse:
    submission = queries.maps_visible_to(request.viewer).get(pk=submission_id)
    drawn = _drawn(submission, track_id)
    drawing = may(request.viewer, ROLES, "mechanisms.draw") and (
        submission.cycle.state == CycleState.OPEN and submission.state in actions.DRAWING
    )
    links = queries.links_of_track(submission, track_id)
    form = PartForm(request.POST if request.method == "POST" else None, drawn=drawn, links=links)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.add_part(
                submission_id=submission_id,
                track_id=track_id,
                part=actions.Part(
                    Component(said["component"]),
                    said["title"],
                    said["link"],
                    said["from_schools"],
                    said["needs"],
                ),
                after_id=said["after"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            return redirect("mechanisms-map", submission_id, track_id)
    return render(
        request,
        "mechanisms/map.html",
        {
            "submission": submission,
            "drawn": drawn,
            "columns": columns_of(drawn),
            "gaps": gaps_of(drawn),
            "drawing": drawing,
            "form": form,
        },
        status=422 if form.errors else 200,
    )


def _drawn(submission: Any, track_id: int, **more: Any) -> queries.Drawn:
    found = queries.track_map(submission, track_id, **more)
    if found is None:
        raise Http404
    return found


def columns_of(drawn: queries.Drawn) -> list[dict[str, Any]]:
    """The parts of the cycle in their order, each with what stands there and where it leads."""
    broken = {gap.node.id for gap in drawn.gaps if gap.node}
    leads: dict[int, list[Any]] = {}
    for arrow in drawn.arrows:
        leads.setdefault(arrow.here_id, []).append(arrow)
    return [
        {
            "title": COMPONENT_NAMES[component],
            "nodes": [
                {"it": one, "leads": leads.get(one.pk, []), "broken": one.pk in broken}
                for one in drawn.nodes
                if one.component == component
            ],
        }
        for component in Component
    ]


def gaps_of(drawn: queries.Drawn) -> list[dict[str, Any]]:
    return [
        {
            "gap": gap,
            "words": GAP_WORDS[gap.kind],
            "ground": DEDUCTION_WORDS[gap.candidate] if gap.candidate else "",
            "ruling": drawn.ruling_on(gap),
            "history": drawn.history_of(drawn.ruling_on(gap)),
        }
        for gap in drawn.gaps
    ]


@page(roles=DRAW)
@require_POST
def change(request: HttpRequest, submission_id: int, track_id: int) -> HttpResponse:
    """Join two parts, take a part or an arrow away."""
    queries.maps_visible_to(request.viewer).get(pk=submission_id)
    at = {"submission_id": submission_id, "actor": request.viewer, "now": clock.now()}
    numbers = {name: int(value) for name, value in request.POST.items() if is_id(value)}
    try:
        if "remove" in numbers:
            actions.remove_part(node_id=numbers["remove"], **at)
        elif "arrow" in numbers:
            actions.part_from(arrow_id=numbers["arrow"], **at)
        elif {"here", "to"} <= numbers.keys():
            actions.join(here_id=numbers["here"], to_id=numbers["to"], **at)
    except Refused as refused:
        refusals.flash(request, refused)
    return redirect("mechanisms-map", submission_id, track_id)


@page(roles=SCORE)
@require_http_methods(["GET", "POST"])
def ruling(request: HttpRequest, appointment_id: int, track_id: int) -> HttpResponse:
    """An expert looks at the map and decides on its gaps and indicators."""
    appointment = expertise.appointments_visible_to(request.viewer).get(pk=appointment_id)
    if request.method == "POST":
        return _decide(request, appointment_id, track_id)
    drawn = _drawn(appointment.submission, track_id, appointment=appointment)
    judged = {(one.node_id, one.kind): one for one in drawn.rulings}
    indicators = [
        {
            "it": one,
            "judgements": [
                (
                    kind,
                    JUDGED[kind],
                    DEDUCTION_WORDS[JUDGED[kind]],
                    judged.get((one.pk, kind)),
                    drawn.history_of(judged.get((one.pk, kind))),
                )
                for kind in Judgement
            ],
        }
        for one in drawn.nodes
        if one.component == Component.INDICATORS
    ]
    return render(
        request,
        "mechanisms/map_ruling.html",
        {
            "appointment": appointment,
            "drawn": drawn,
            "columns": columns_of(drawn),
            "gaps": gaps_of(drawn),
            "indicators": indicators,
        },
    )


def _decide(request: HttpRequest, appointment_id: int, track_id: int) -> HttpResponse:
    name = request.POST.get("kind", "")
    kinds: dict[str, GapKind | Judgement] = {str(one): one for one in (*GapKind, *Judgement)}
    if name not in kinds:
        raise Http404
    node = request.POST.get("node", "")
    try:
        actions.rule_on(
            appointment_id=appointment_id,
            track_id=track_id,
            kind=kinds[name],
            node_id=int(node) if is_id(node) else None,
            confirmed=request.POST.get("confirmed") == "yes",
            explanation=request.POST.get("explanation", "")[:2000],
            actor=request.viewer,
            now=clock.now(),
        )
    except Refused as refused:
        refusals.flash(request, refused)
    else:
        messages.success(request, _("Решение записано."))
    return redirect("mechanisms-map-ruling", appointment_id, track_id)
