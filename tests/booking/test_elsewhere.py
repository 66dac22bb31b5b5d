"""The ministry sends a child to another testing organisation: what moves, who is told, who may."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from admissions.builders_admissions import a_delivered_referral, a_referral
from booking.builders_booking import a_schedule, a_session, book
from builders import NOW, OPENED, TODAY, an_account, an_organisation, put
from merilo.admissions import actions as admissions
from merilo.admissions import queries as admissions_queries
from merilo.admissions.models import Application, Decision, Referral
from merilo.admissions.rules import ApplicationState, DecisionKind, Evidence, ReferralState
from merilo.booking import actions, queries
from merilo.booking.models import Booking
from merilo.booking.rules import BookingState
from merilo.casework.models import Dispatch, Duty, Notice
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Refused
from merilo.registry import queries as registry
from merilo.registry.access import Forbidden, Role
from merilo.registry.models import TestingPlace
from merilo.registry.rules import Function

pytestmark = pytest.mark.django_db

WHY = "в гимназии нет мест"


def codes(refused) -> set[str]:
    return {refusal.code for refusal in refused.value.refusals if not refusal.is_warning}


@pytest.fixture
def lyceum(region):
    """Another testing organisation, in the other municipality, with a day of its own."""
    org = an_organisation(
        "Лицей № 2",
        region.far_school.territory,
        region.other_mouo,
        Function.SCHOOL,
        Function.TESTING_ORG,
        exam_code="302",
        address="Находка, ул. Лазо, 2",
    )
    place = TestingPlace.objects.create(
        organisation=org, name="ППТ Лицей № 2", address="Находка", valid_from=OPENED
    )
    region.accounts["lyceum"] = an_account("lyceum", org, Role.TESTING_ORG)
    a_schedule()
    a_session(region, testing_org=org, place=place)
    return org


def move(region, referral, org, *, who="ministry", note=WHY, now=NOW):
    return actions.refer_elsewhere(
        application_id=referral.application_id,
        testing_org_id=org.pk,
        note=note,
        actor=region.viewer(who),
        now=now,
    )


def test_a_new_referral_takes_the_place_of_the_old_one_which_stays_in_the_case(region, lyceum):
    old = a_delivered_referral(region)
    done = move(region, old, lyceum)
    new = done.referral
    assert done.warnings == ()

    old.refresh_from_db()
    assert old.state == ReferralState.REVOKED
    assert (new.state, new.testing_org, new.replaces) == (ReferralState.ISSUED, lyceum, old)
    assert new.number != old.number and new.qr_token != old.qr_token
    assert (new.attempt_no, new.earliest_test_on) == (old.attempt_no, old.earliest_test_on)
    assert new.application.state == ApplicationState.REFERRED
    assert {"booking.window_wd", "booking.place"} <= set(new.decided_under)
    assert Referral.objects.filter(application=old.application).count() == 2

    decision = Decision.objects.get(kind=DecisionKind.REFERRED_ELSEWHERE)
    assert decision.note == f"{old.number} → {new.number}, Лицей № 2: {WHY}"
    assert decision.decided_under["booking.place"]["paragraph"]
    replaced = JournalEntry.objects.get(event="referral.replaced")
    assert replaced.about == f"referral:{old.pk}"
    assert WHY not in str(replaced.facts)


def test_everybody_concerned_is_told_and_the_copies_are_dispatches(region, lyceum):
    old = a_delivered_referral(region)
    new = move(region, old, lyceum).referral

    def told(kind, about):
        rows = Dispatch.objects.filter(kind=kind, about=f"referral:{about.pk}")
        assert {row.sender for row in rows} == {region.ministry}
        return {row.recipient.short_name for row in rows}

    assert told("referral_replaced", old) == {"Гимназия № 1", "МОУО Владивостока"}
    assert told("referral_copy", new) == {"Лицей № 2", "МОУО Владивостока"}
    assert told("referral_elsewhere", new) == {"СОШ № 25"}
    letter = Notice.objects.get(template="referral-elsewhere")
    for said in (old.number, new.number, "Лицей № 2", "Находка, ул. Лазо, 2", WHY):
        assert said in letter.body
    assert admissions_queries.copies_sent_to(new) == {"testing_org", "mouo"}


def test_whoever_has_no_copy_of_the_old_one_is_not_told_of_its_end(region, lyceum):
    old = a_referral(region, with_copies=False)
    move(region, old, lyceum)
    assert not Dispatch.objects.filter(kind="referral_replaced").exists()


def test_the_term_of_booking_runs_from_the_receipt_of_the_new_referral(region, lyceum):
    old = a_delivered_referral(region)
    later = NOW + timedelta(days=8)  # the last day but one of the old term
    new = move(region, old, lyceum, now=later).referral
    assert new.book_until is None
    duty = Duty.objects.get(case_id=old.application_id)
    assert (duty.kind, duty.organisation) == ("confirm-delivery", region.school)

    received = TODAY + timedelta(days=10)  # the old term is over
    admissions.record_delivery(
        application_id=old.application_id,
        received_on=received,
        evidence=Evidence.SIGNATURE,
        actor=region.viewer("school"),
        now=NOW + timedelta(days=10),
    )
    new.refresh_from_db()
    assert new.book_until == date(2026, 4, 6)
    assert actions.expire_due(actor=registry.Viewer.system(), now=NOW + timedelta(days=11)) == 0


def test_the_parent_books_there_and_the_old_place_says_where(region, lyceum):
    old = a_delivered_referral(region)
    new = move(region, old, lyceum).referral
    admissions.record_delivery(
        application_id=new.application_id,
        received_on=TODAY,
        evidence=Evidence.SIGNATURE,
        actor=region.viewer("school"),
        now=NOW,
    )
    with pytest.raises(Refused) as refused:
        book(region, old, a_session(region))
    assert "booking.referral-replaced" in codes(refused)
    said = next(r for r in refused.value.refusals if r.code == "booking.referral-replaced")
    assert new.number in said.sentence() and "Лицей № 2" in said.sentence()
    assert said.source.paragraph

    session = queries.days_ahead(lyceum.pk, today=TODAY).get()
    made = actions.book(
        referral_id=new.pk,
        session_id=session.pk,
        in_person="representative",
        identity_document="паспорт",
        actor=region.viewer("lyceum"),
        now=NOW,
    )
    assert made.booking.session.testing_org == lyceum


def test_the_old_place_loses_sight_of_the_case_and_the_new_one_gains_it(region, lyceum):
    old = a_delivered_referral(region)
    seen = lambda who: admissions_queries.applications_visible_to(region.viewer(who)).exists()  # noqa: E731
    assert (seen("testing_org"), seen("lyceum")) == (True, False)
    move(region, old, lyceum)
    assert (seen("testing_org"), seen("lyceum")) == (False, True)


def test_a_live_booking_is_not_taken_away(region, lyceum):
    old = a_delivered_referral(region)
    session = a_session(region)
    book(region, old, session)
    with pytest.raises(Refused) as refused:
        move(region, old, lyceum)
    assert codes(refused) == {"booking.elsewhere-booked"}
    old.refresh_from_db()
    session.refresh_from_db()
    assert (old.state, session.taken) == (ReferralState.BOOKED, 1)


def test_whose_day_was_postponed_waits_no_longer_and_may_be_sent_elsewhere(region, lyceum):
    old = a_delivered_referral(region)
    session = a_session(region)
    book(region, old, session)
    ministry = region.viewer("ministry")
    actions.postpone_session(session_id=session.pk, reason="авария", actor=ministry, now=NOW)
    assert Duty.objects.filter(kind="set-additional-date").exists()

    new = move(region, old, lyceum).referral
    assert new.application.state == ApplicationState.REFERRED
    assert not queries.waiting_for_new_day(session.pk).exists()
    assert not Duty.objects.filter(kind="set-additional-date").exists()
    assert Booking.objects.get().state == BookingState.RESCHEDULED


@pytest.mark.parametrize("state", [ReferralState.USED, ReferralState.UNUSED_NO_SHOW])
def test_a_referral_that_was_used_or_missed_is_not_replaced(region, lyceum, state):
    old = a_delivered_referral(region)
    put(Referral.objects.filter(pk=old.pk), state=state)
    to = ApplicationState.NO_SHOW if state == "unused_no_show" else "awaiting_result"
    put(Application.objects.filter(pk=old.application_id), state=to)
    with pytest.raises(Refused) as refused:
        move(region, old, lyceum)
    assert codes(refused) in ({"booking.elsewhere-not-now"}, {"booking.elsewhere-missed"})


def test_everything_wrong_with_the_choice_is_said_at_once(region, lyceum):
    old = a_delivered_referral(region)
    with pytest.raises(Refused) as refused:
        move(region, old, region.testing_org, note=" ")
    assert codes(refused) == {"booking.elsewhere-same", "booking.elsewhere-needs-words"}
    with pytest.raises(Refused) as refused:
        move(region, old, region.other_school)
    assert codes(refused) == {"booking.elsewhere-not-in-list"}
    assert Referral.objects.count() == 1


def test_a_place_without_free_days_is_a_warning_kept_in_the_journal(region, lyceum):
    old = a_delivered_referral(region, grade=2)
    lyceum.sessions.update(grades=[9])
    done = move(region, old, lyceum)
    assert [one.code for one in done.warnings] == ["booking.elsewhere-no-days"]
    entry = JournalEntry.objects.get(event="referral.replaced")
    assert entry.facts["warnings"] == ["booking.elsewhere-no-days"]


def test_it_may_be_done_twice_and_each_link_is_kept(region, lyceum):
    first = a_delivered_referral(region)
    second = move(region, first, lyceum).referral
    third = move(region, second, region.testing_org).referral
    assert third.replaces.replaces == first


@pytest.mark.parametrize(
    "who", ["school", "testing_org", "chair", "mouo", "rcoi", "auditor", "admin"]
)
def test_nobody_but_the_ministry_changes_the_place(region, lyceum, who):
    old = a_delivered_referral(region)
    with pytest.raises(Forbidden):
        move(region, old, lyceum, who=who)
    old.refresh_from_db()
    assert old.state == ReferralState.DELIVERED


def test_places_of_the_schools_municipality_come_first(region, lyceum):
    from merilo.booking.queries.elsewhere import other_places

    near = an_organisation(
        "Ялта", region.school.territory, region.mouo, Function.SCHOOL, Function.TESTING_ORG
    )
    application = a_delivered_referral(region).application
    found = other_places(application, without=region.testing_org.pk, today=TODAY)
    assert [one.organisation for one in found] == [near, lyceum]
    assert [one.places for one in found] == [0, 10]
