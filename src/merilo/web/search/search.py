"""Page: search by number or, for those who may see names, by surname. /search/

The words go by POST: a surname must never stand in an address or in a server's log.
"""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from merilo.admissions import queries
from merilo.admissions.access import ROLES
from merilo.admissions.rules import STATE_NAMES, ApplicationState
from merilo.foundation import clock
from merilo.foundation.journal.recording import record
from merilo.registry.access import may
from merilo.web.routes import page

SHOWN = 50


class SearchForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("Номер заявления, направления или фамилия"),
        help_text=gettext_lazy("Например, 025-0431 или Н-025-0117."),
        max_length=80,
        min_length=2,
    )


@page(roles=ROLES["admissions.read"])
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    form = SearchForm(request.POST or None)
    found, by_name, more = [], False, False
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        found = list(queries.search_by_number(viewer, words)[: SHOWN + 1])
        if not found and not any(character.isdigit() for character in words):
            by_name = True
            found = list(
                queries.search_by_name(viewer, words).select_related("child")[: SHOWN + 1]
            )
            record(
                "search.by-name", actor=viewer, about="page:search", at=clock.now(), kind="view",
                found=[one.pk for one in found],
            )  # fmt: skip
        if len(found) == 1 and not by_name:
            return redirect("application", found[0].pk)
        more = len(found) > SHOWN
        for one in found:
            one.state_words = STATE_NAMES[ApplicationState(one.state)]
    return render(
        request,
        "search/search.html",
        {
            "form": form,
            "found": found[:SHOWN],
            "more": more,
            "asked": request.method == "POST",
            "with_names": by_name and may(viewer, ROLES, "admissions.read_person"),
        },
    )
