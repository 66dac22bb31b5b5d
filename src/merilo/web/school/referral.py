"""Page: the referral — print it, hand its copies over, note its receipt, take it back.

/applications/12/referral/
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import override
from django.views.decorators.http import require_GET, require_http_methods

from merilo import law
from merilo.admissions import access, actions, queries, rules
from merilo.booking import queries as booking
from merilo.casework import queries as casework
from merilo.foundation import clock
from merilo.foundation import documents as papers
from merilo.law import Refused
from merilo.registry import queries as registry
from merilo.web.case.case import found, frame
from merilo.web.papers import as_paper
from merilo.web.refusals import flash, show
from merilo.web.routes import page
from merilo.web.school.new import named


class Delivery(forms.Form):
    received_on = forms.DateField(
        label=lazy("Когда родитель получил"),
        help_text=lazy("От этого дня идёт срок записи на тестирование."),
    )
    evidence = forms.ChoiceField(label=lazy("Чем подтверждено"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["evidence"].choices = named(rules.EVIDENCE_NAMES)


class Revoke(forms.Form):
    note = forms.CharField(label=lazy("Почему направление отзывают"), max_length=300)


@page(roles=access.ROLES["admissions.refer"])
@require_http_methods(["GET", "POST"])
def referral(request: HttpRequest, application_id: int) -> HttpResponse:
    application = found(request, application_id)
    delivery = Delivery(initial={"received_on": clock.today(request.viewer.timezone)})
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if do == "copies":
                actions.send_copies(
                    application_id=application.pk, actor=request.viewer, now=clock.now()
                )
                messages.success(request, _("Копии направления переданы."))
            elif do == "revoke":
                actions.revoke_referral(
                    application_id=application.pk,
                    actor=request.viewer,
                    now=clock.now(),
                    note=request.POST.get("note", "")[:300],
                )
                messages.success(request, _("Направление отозвано. Можно выдать новое."))
                return redirect("application-authenticity", application_id=application.pk)
            elif do == "deliver":
                delivery = Delivery(request.POST)
                if delivery.is_valid():
                    _deliver(request, application, delivery)
                else:
                    return _show(request, application, delivery)
        except Refused as refused:
            if do == "deliver":
                show(refused, delivery)
                return _show(request, application, delivery)
            flash(request, refused)
        return redirect("application-referral", application_id=application.pk)
    return _show(request, application, delivery)


def _deliver(request: HttpRequest, application: Any, form: Delivery) -> None:
    done = actions.record_delivery(
        application_id=application.pk,
        received_on=form.cleaned_data["received_on"],
        evidence=rules.Evidence(form.cleaned_data["evidence"]),
        actor=request.viewer,
        now=clock.now(),
    )
    messages.success(
        request,
        _("Вручение отмечено. Записаться нужно не позднее %(day)s.")
        % {"day": f"{done.book_until:%d.%m.%Y}"},
    )


def _show(request: HttpRequest, application: Any, delivery: Delivery) -> HttpResponse:
    top = frame(request, application)
    one = top["referral"]
    if one is None:
        messages.info(request, _("По этому заявлению направления ещё нет."))
        return redirect("application-authenticity", application_id=application.pk)
    profile = registry.active_profile()
    issued_on = localdate(one.issued_at)
    sent_to = queries.copies_sent_to(one)
    facts = one.facts(sent_to, issued_on=issued_on)
    state = rules.ReferralState(one.state)
    copies = {
        "testing_org" if row.recipient_id == one.testing_org_id else "mouo": row
        for row in casework.dispatches_of_case(application.pk)
        if row.kind == rules.COPY_KIND and row.about == f"referral:{one.pk}"
    }
    wanted = profile.value("admissions.referral_copies", on=issued_on)
    return render(
        request,
        "school/referral.html",
        top
        | {
            "one": one,
            "referral_state": _(rules.REFERRAL_NAMES[state]),
            "referral_kind": REFERRAL_KINDS[state],
            "form_words": FORM_WORDS[law.Form(one.form)],
            "copies": [
                {
                    "to": _(rules.COPY_NAMES[to]),
                    "row": copies.get(to),
                }
                for to in wanted.value
            ],
            "copies_law": wanted,
            "missing": rules.copies_missing(facts, profile),
            "live": state not in queries.DEAD_REFERRALS,
            "undelivered": state == rules.ReferralState.ISSUED,
            "evidence": _(rules.EVIDENCE_NAMES[rules.Evidence(one.evidence)])
            if one.evidence
            else "",
            "delivery": delivery,
            "revoke": Revoke(),
            "revocable": rules.ReferralState.REVOKED in rules.REFERRAL_TRANSITIONS[state]
            and state != rules.ReferralState.BOOKED,
            "window": profile.value("booking.window_wd", on=one.received_on or issued_on),
        },
        status=422 if delivery.errors else 200,
    )


DAYS_ON_PAPER = 6

REFERRAL_KINDS: dict[rules.ReferralState, str] = {
    rules.ReferralState.ISSUED: "soon",
    rules.ReferralState.DELIVERED: "info",
    rules.ReferralState.BOOKED: "ok",
    rules.ReferralState.USED: "ok",
    rules.ReferralState.EXPIRED: "late",
    rules.ReferralState.REVOKED: "late",
    rules.ReferralState.UNUSED_NO_SHOW: "soon",
}
FORM_WORDS = {law.Form.ORAL: lazy("устная"), law.Form.ORAL_WRITTEN: lazy("устная и письменная")}


@page(roles=access.ROLES["admissions.refer"])
@require_GET
def referral_paper(request: HttpRequest, application_id: int) -> HttpResponse:
    """The referral as PDF; it bears the child's name, so the view is noted."""
    found(request, application_id)
    one = queries.referral_of(request.viewer, application_id)
    if one is None:
        raise Http404
    application = actions.show_person(
        application_id=application_id, actor=request.viewer, now=clock.now(), where="referral"
    )
    with override("ru"):
        content = papers.referral_pdf(
            paper(application, one, today=clock.today(request.viewer.timezone))
        )
    return as_paper(content, papers.PDF, f"Направление {one.number}.pdf")


# As short as the line of the printed form.
RECEIVED_HOW: dict[rules.Evidence, str] = {
    rules.Evidence.PORTAL_READ: "портал",
    rules.Evidence.POSTAL_RECEIPT: "письмо",
    rules.Evidence.SIGNATURE: "лично",
}


def letterhead(organisation: Any) -> papers.Organisation:
    return papers.Organisation(
        name=organisation.name,
        address=organisation.address,
        phone=organisation.phone,
        email=organisation.email,
    )


def offered_days(one: Any, *, today: date) -> tuple[papers.TestDate, ...]:
    """The nearest days that may be booked, to print on the referral."""
    choice = booking.choice_for(one, today=today, profile=registry.active_profile())
    allowed = [day.session for day in choice.days if day.allowed]
    return tuple(
        papers.TestDate(day=one.held_on, note=f"{one.starts_at:%H:%M}")
        for one in allowed[:DAYS_ON_PAPER]
    )


def paper(application: Any, one: Any, *, today: date) -> papers.Referral:
    """The values of the printed referral."""
    profile = registry.active_profile()
    issued_on = localdate(one.issued_at)
    window = profile.value("booking.window_wd", on=issued_on)
    miss = profile.value("booking.miss", on=issued_on)
    lead = profile.value("booking.min_lead_wd", on=issued_on)
    child = application.child
    places = registry.places_of(one.testing_org_id, on=issued_on)
    place = places[0] if places else None
    return papers.Referral(
        number=one.number,
        issued_on=issued_on,
        school=letterhead(application.school),
        full_name=child.full_name,
        birth_date=child.birth_date,
        id_document=f"{child.id_doc_type} {child.id_doc_number}".strip(),
        grade=one.grade,
        oral_only=one.form == law.Form.ORAL,
        testing_org=letterhead(one.testing_org),
        book_within_wd=window.value,
        book_until=one.book_until,
        miss_consequence=(
            "заявление о приёме аннулируется. После этого можно подать новое заявление."
            if miss.value == "annul_application"
            else "заявление не аннулируется; обратитесь в школу."
        ),
        status_url=f"{settings.PUBLIC_URL.rstrip('/')}/status/",
        signatory=papers.Signatory(position="Директор", name=application.school.head),
        place=f"{place.name}, {place.address}" if place else "",
        attempt_no=one.attempt_no,
        replaces=one.replaces.number if one.replaces else "",
        dates=offered_days(one, today=today),
        lead_wd=lead.value,
        retest_not_before=one.earliest_test_on,
        law=str(window.source),
        received_on=one.received_on,
        received_how=RECEIVED_HOW[rules.Evidence(one.evidence)] if one.evidence else "",
    )
