"""Page: the documents of an application, all in one table; full set or return.

/applications/12/documents/
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from merilo.admissions import access, actions, queries, rules
from merilo.admissions.rules import DocumentKind, DocumentState
from merilo.foundation import clock
from merilo.foundation.files import store
from merilo.foundation.journal.recording import record
from merilo.law import Refused
from merilo.registry import queries as registry
from merilo.registry.access import may, permit
from merilo.web.case.case import DOCUMENT_KINDS, found, frame
from merilo.web.case.timeline import capital
from merilo.web.papers import as_paper
from merilo.web.refusals import flash, show
from merilo.web.routes import page

ACCEPT = ".pdf,.jpg,.jpeg,.png"


class Marks(forms.Form):
    """Four fields for each document of the set: state, valid until, comment, file."""

    def __init__(self, *args: Any, documents: list[Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.documents = documents
        states = [
            (str(state), capital(_(words))) for state, words in rules.DOCUMENT_STATE_NAMES.items()
        ]
        for one in documents:
            name = _(rules.DOCUMENT_NAMES[DocumentKind(one.kind)])
            fields = {
                "state": forms.ChoiceField(choices=states, initial=one.state),
                "until": forms.DateField(required=False, initial=one.valid_until),
                "comment": forms.CharField(required=False, max_length=300, initial=one.comment),
                "file": forms.FileField(required=False),
            }
            labels = {
                "state": _("Состояние"),
                "until": _("Действует до"),
                "comment": _("Замечание для родителя"),
                "file": _("Файл"),
            }
            for part, field in fields.items():
                field.label = f"{labels[part]}: {name}"
                self.fields[f"{part}_{one.kind}"] = field

    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "it": one,
                "name": _(rules.DOCUMENT_NAMES[DocumentKind(one.kind)]),
                "kind": DOCUMENT_KINDS[one.state],
                "words": _(rules.DOCUMENT_STATE_NAMES[DocumentState(one.state)]),
                **{
                    part: self[f"{part}_{one.kind}"]
                    for part in ("state", "until", "comment", "file")
                },
            }
            for one in self.documents
        ]

    def marks(self, *, accept_all: bool = False) -> list[actions.DocumentMark]:
        """What the clerk said; with `accept_all` whatever came is accepted."""
        said = self.cleaned_data
        marks = []
        for one in self.documents:
            state = DocumentState(said[f"state_{one.kind}"])
            upload = said[f"file_{one.kind}"]
            if upload and state == DocumentState.MISSING:
                state = DocumentState.PROVIDED
            if accept_all and state == DocumentState.PROVIDED:
                state = DocumentState.ACCEPTED
            marks.append(
                actions.DocumentMark(
                    DocumentKind(one.kind),
                    state,
                    said[f"until_{one.kind}"],
                    said[f"comment_{one.kind}"],
                    actions.Upload(upload.name, upload.read()) if upload else None,
                )
            )
        return marks


@page(roles=access.ROLES["admissions.read_documents"])
@require_http_methods(["GET", "POST"])
def documents(request: HttpRequest, application_id: int) -> HttpResponse:
    application = found(request, application_id)
    rows = queries.documents_visible(request.viewer, application)
    form = Marks(request.POST or None, request.FILES or None, documents=rows)
    if request.method == "POST":
        permit(request.viewer, access.ROLES, "admissions.documents")
    if request.method == "POST" and form.is_valid():
        then = request.POST.get("then", "")
        try:
            actions.mark_documents(
                application_id=application.pk,
                marks=form.marks(accept_all=then == "accept"),
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            show(refused, form)
        else:
            return _go_on(request, application, then)
    return _show(request, application, rows, form)


def _go_on(request: HttpRequest, application: Any, then: str) -> HttpResponse:
    """After the marks are kept: the set is full, the application is returned, or stay here."""
    doing = {"full": actions.confirm_full_set, "return": actions.return_incomplete}.get(then)
    if doing is None:
        messages.success(request, _("Отметки сохранены."))
        return redirect("application-documents", application_id=application.pk)
    try:
        doing(application_id=application.pk, actor=request.viewer, now=clock.now())
    except Refused as refused:
        messages.info(request, _("Отметки сохранены, а дальше пока нельзя:"))
        flash(request, refused)
        return redirect("application-documents", application_id=application.pk)
    if then == "full":
        messages.success(request, _("Комплект полный. Началась проверка достоверности."))
        return redirect("application-authenticity", application_id=application.pk)
    messages.success(
        request, _("Заявление возвращено. Родителю уйдёт письмо со всеми замечаниями.")
    )
    return redirect("application", application_id=application.pk)


def _show(request: HttpRequest, application: Any, rows: list[Any], form: Marks) -> HttpResponse:
    today = clock.today(request.viewer.timezone)
    profile = registry.active_profile()
    facts = application.facts(rows)
    state = rules.ApplicationState(application.state)
    defects = rules.defects(facts, on=today, profile=profile)
    unchecked = tuple(rules.unchecked(facts, on=today, profile=profile))
    mandatory = {
        one.kind: one.mandatory for one in rules.documents_of(facts, on=today, profile=profile)
    }
    table = form.rows()
    for row in table:
        row["optional"] = not mandatory.get(DocumentKind(row["it"].kind), False)
    return render(
        request,
        "school/documents.html",
        frame(request, application)
        | {
            "form": form,
            "rows": table,
            "accept": ACCEPT,
            "defects": defects,
            "unchecked": unchecked,
            "editable": state in rules.DOCUMENT_STATES
            and may(request.viewer, access.ROLES, "admissions.documents"),
            "checking": state == rules.ApplicationState.COMPLETENESS_CHECK,
            "to": address_of(application),
        },
        status=422 if form.errors else 200,
    )


def address_of(application: Any) -> str:
    """Where letters to the parent go."""
    if application.notify_email:
        return _("по почте %(to)s") % {"to": application.notify_email}
    if application.notify_address:
        return _("заказным письмом")
    return _("в личный кабинет портала") if application.has_portal_account else _("лично в школе")


@page(roles=access.ROLES["admissions.read_documents"])
@require_GET
def document_file(request: HttpRequest, application_id: int, kind: str) -> HttpResponse:
    """The file of a document; opening it is noted in the journal."""
    application = found(request, application_id)
    one = next(
        (d for d in queries.documents_visible(request.viewer, application) if d.kind == kind), None
    )
    if one is None or one.file is None:
        raise Http404
    record(
        "file.read",
        actor=request.viewer,
        about=one,
        at=clock.now(),
        case_id=application.pk,
        kind="view",
        file=str(one.file_id),
    )
    return as_paper(store.read(one.file), one.file.content_type, one.file.name)
