"""Page: «Журнал действий» — who did and who saw what. /journal/"""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from merilo.foundation.journal import queries
from merilo.foundation.journal.events import EVENTS
from merilo.foundation.journal.models import JournalEntry
from merilo.registry import queries as registry
from merilo.registry.access import Role
from merilo.web.lists import EXPORT_LIMIT, export, paginate, wants_export
from merilo.web.routes import page

READERS = frozenset(Role) - {Role.SYSTEM, Role.COMMISSION, Role.MECHANISMS_EXPERT}
WHOLE_REGION = frozenset({Role.AUDITOR, Role.ADMIN, Role.MINISTRY})


class JournalFilter(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Что"),
        required=False,
        choices=[("", gettext_lazy("всё")), *JournalEntry.Kind.choices],
    )
    event = forms.ChoiceField(
        label=gettext_lazy("Событие"),
        required=False,
        choices=[("", gettext_lazy("любое")), *queries.event_choices()],
    )
    case = forms.IntegerField(label=gettext_lazy("Дело (внутренний номер)"), required=False)


@page(roles=READERS)
@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    form = JournalFilter(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    ours = None if viewer.role in WHOLE_REGION else registry.organisation_ids_below(viewer)
    found = queries.entries(
        organisations=ours,
        event=chosen.get("event") or "",
        kind=chosen.get("kind") or "",
        case_id=chosen.get("case"),
    )
    if wants_export(request):
        return export(
            request,
            "journal",
            title=_("Журнал действий"),
            columns=[
                (_("Когда"), lambda entry: entry.at),
                (_("Событие"), lambda entry: _(EVENTS[entry.event])),
                (_("Кто"), lambda entry: entry.actor.login if entry.actor else _("система")),
                (_("Организация"), lambda entry: str(entry.organisation or "")),
                (_("О чём"), lambda entry: entry.about),
                (_("Запись"), lambda entry: f"{entry.chain}/{entry.seq}"),
            ],
            rows=found[:EXPORT_LIMIT],
        )
    filtered = any(chosen.values())
    shown = paginate(request, found, count=None if filtered else queries.count_of(ours))
    for entry in shown.object_list:
        entry.sentence = _(EVENTS.get(entry.event, entry.event))
    return render(request, "oversight/journal.html", {"page": shown, "form": form})
