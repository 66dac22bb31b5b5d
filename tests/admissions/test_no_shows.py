"""After a no-show: the МОУО confirms the reason, the profile says what follows, each is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from booking.builders_booking import (
    NEXT_TEST_DAY,
    TEST_DAY,
    a_no_show,
    a_session,
    book,
    miss,
)
from builders import NOW
from merilo.admissions import actions
from merilo.admissions.models import Absence, Application, Referral
from merilo.admissions.rules import ApplicationState, NoShowReason, ReferralState
from merilo.booking import actions as booking
from merilo.casework.models import Dispatch, Duty, Notice
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Refused
from merilo.registry import queries as registry
from merilo.registry.access import Forbidden
from rules.reading import with_settings

pytestmark = pytest.mark.django_db

AFTER = NOW + timedelta(days=28)  # 13 April: the child did not come on the 10th


def codes(refused) -> set[str]:
    return {refusal.code for refusal in refused.value.refusals}


def confirm(region, referral, reason=NoShowReason.RESPECTFUL, *, who="mouo", **fields):
    return actions.confirm_no_show(
        **{
            "application_id": referral.application_id,
            "reason": reason,
            "comment": "справка из поликлиники",
            "confirmed_on": TEST_DAY,
            "actor": region.viewer(who),
            "now": AFTER,
        }
        | fields
    )


def duties(referral) -> dict[str, str]:
    rows = Duty.objects.filter(case_id=referral.application_id).select_related("organisation")
    return {row.kind: row.organisation.short_name for row in rows}


def state_of(referral) -> str:
    return Application.objects.get(pk=referral.application_id).state


@pytest.fixture
def law_says(monkeypatch):
    """The law of the region with other settings for as long as the test runs."""
    plain = registry.active_profile

    def set_to(**settings):
        names = {f"booking.{name}": value for name, value in settings.items()}
        monkeypatch.setattr(registry, "active_profile", lambda: with_settings(plain(), names))

    return set_to


def test_until_the_mouo_speaks_the_case_waits_and_the_parent_knows_whom_to_call(region):
    referral = a_no_show(region)
    assert state_of(referral) == ApplicationState.NO_SHOW
    assert duties(referral) == {"confirm-no-show": "МОУО Владивостока"}
    duty = Duty.objects.get(kind="confirm-no-show")
    assert duty.parameter == "booking.no_show_policy" and duty.paragraph
    letter = Notice.objects.get(template="no-show")
    assert "МОУО Владивостока" in letter.body and "10 апреля 2026" in letter.body
    with pytest.raises(Refused) as refused:
        book(region, referral, a_session(region, NEXT_TEST_DAY), now=AFTER)
    assert "booking.rebook-not-decided" in codes(refused)
    waits = next(r for r in refused.value.refusals if r.code == "booking.rebook-not-decided")
    assert waits.source.paragraph
    with pytest.raises(Refused) as refused:
        actions.close_after_no_show(
            application_id=referral.application_id, actor=region.viewer("school"), now=AFTER
        )
    assert codes(refused) == {"admissions.no-show-waits"}


def test_a_respectful_reason_opens_the_booking_and_everybody_is_told(region):
    referral = a_no_show(region)
    absence = confirm(region, referral)
    assert (absence.reason, absence.confirmed_on) == ("respectful", TEST_DAY)
    assert absence.decided_under["booking.no_show_policy"]["value"] == "rebook_once"
    assert state_of(referral) == ApplicationState.REFERRED
    assert duties(referral) == {}
    assert Notice.objects.filter(template="rebooking-allowed").count() == 1
    told = Dispatch.objects.filter(kind="no_show_reason")
    assert {one.recipient.short_name for one in told} == {"СОШ № 25", "Гимназия № 1"}
    assert {one.sender.short_name for one in told} == {"МОУО Владивостока"}


def test_what_the_mouo_wrote_stays_between_it_and_the_school(region):
    confirm(region, a_no_show(region))
    entry = JournalEntry.objects.get(event="no-show.confirmed")
    assert entry.facts["reason"] == "respectful"
    written = [str(row.facts) for row in JournalEntry.objects.all()]
    written += list(Notice.objects.values_list("body", flat=True))
    assert not any("поликлиник" in text for text in written)


def test_after_an_unjustified_reason_the_school_ends_the_case(region):
    referral = a_no_show(region)
    confirm(region, referral, NoShowReason.UNJUSTIFIED)
    assert state_of(referral) == ApplicationState.NO_SHOW
    assert duties(referral) == {"decide-no-show": "СОШ № 25"}
    with pytest.raises(Refused) as refused:
        book(region, referral, a_session(region, NEXT_TEST_DAY), now=AFTER)
    assert "booking.rebook-unjustified" in codes(refused)
    actions.close_after_no_show(
        application_id=referral.application_id, actor=region.viewer("school"), now=AFTER
    )
    assert state_of(referral) == ApplicationState.CANCELLED_NOT_BOOKED
    assert Referral.objects.get(pk=referral.pk).state == ReferralState.EXPIRED
    decision = Application.objects.get(pk=referral.application_id).decisions.last()
    assert decision.reasons[0]["code"] == "admissions.no-show-unjustified"
    assert "неуважительная" in Notice.objects.get(template="closed-after-no-show").body


def test_where_the_region_says_so_an_unjustified_reason_too_opens_the_booking(region, law_says):
    law_says(no_show_unjustified="rebook")
    referral = a_no_show(region)
    absence = confirm(region, referral, NoShowReason.UNJUSTIFIED)
    assert state_of(referral) == ApplicationState.REFERRED
    assert "booking.no_show_unjustified" in absence.decided_under


def test_after_a_second_no_show_only_a_new_application_helps(region):
    referral = a_no_show(region)
    confirm(region, referral)
    again = book(region, referral, a_session(region, date(2026, 5, 15)), now=AFTER).booking
    miss(region, again, now=AFTER)
    assert Absence.objects.count() == 2
    assert duties(referral) == {"decide-no-show": "СОШ № 25"}
    with pytest.raises(Refused) as refused:
        confirm(region, referral, confirmed_on=date(2026, 5, 15), now=NOW + timedelta(days=61))
    assert codes(refused) == {"admissions.nothing-to-confirm"}
    actions.close_after_no_show(
        application_id=referral.application_id, actor=region.viewer("school"), now=AFTER
    )
    assert state_of(referral) == ApplicationState.CANCELLED_NOT_BOOKED


def test_a_new_referral_to_another_place_does_not_forget_the_first_no_show(region):
    """The count is of the application, so that a change of place gives no third day."""
    referral = a_no_show(region)
    confirm(region, referral)
    other = a_session(region, date(2026, 5, 15))
    new = Referral.objects.get(pk=referral.pk)
    Referral.objects.filter(pk=referral.pk).update(state=ReferralState.REVOKED)
    new.pk, new.number, new.qr_token, new.state = None, "Н-999", "other", ReferralState.DELIVERED
    new.received_on, new.book_until = AFTER.date(), AFTER.date() + timedelta(days=11)
    new.save()
    miss(region, book(region, new, other, now=AFTER).booking, now=AFTER)
    with pytest.raises(Refused) as refused:
        book(region, new, a_session(region, date(2026, 5, 22)), now=AFTER)
    assert "booking.rebook-used" in codes(refused)


def test_a_profile_without_confirmation_lets_the_parent_book_at_once_and_again(region, law_says):
    law_says(no_show_policy="rebook_within_same_referral")
    referral = a_no_show(region)
    assert state_of(referral) == ApplicationState.REFERRED
    assert duties(referral) == {}
    assert Notice.objects.filter(template="rebooking-open").count() == 1
    again = book(region, referral, a_session(region, date(2026, 5, 15)), now=AFTER).booking
    miss(region, again, now=AFTER)
    assert state_of(referral) == ApplicationState.REFERRED
    with pytest.raises(Refused) as refused:
        confirm(region, referral)
    assert "admissions.wrong-step" in codes(refused)


def test_a_profile_that_wants_a_new_application_gives_the_school_the_end_of_the_case(
    region, law_says
):
    law_says(no_show_policy="new_application_required")
    referral = a_no_show(region)
    assert duties(referral) == {"decide-no-show": "СОШ № 25"}
    assert not Notice.objects.filter(template="no-show").exists()
    with pytest.raises(Refused) as refused:
        confirm(region, referral)
    assert codes(refused) == {"admissions.nothing-to-confirm"}
    actions.close_after_no_show(
        application_id=referral.application_id, actor=region.viewer("school"), now=AFTER
    )
    assert state_of(referral) == ApplicationState.CANCELLED_NOT_BOOKED


def test_the_law_of_the_missed_day_decides_not_that_of_the_day_of_asking(region, monkeypatch):
    referral = a_no_show(region)
    name, profile = "booking.no_show_policy", registry.active_profile()
    (changed,) = with_settings(profile, {name: "new_application_required"}).values[name]
    changed = replace(changed, since=TEST_DAY + timedelta(days=1))
    later = replace(profile, values={**profile.values, name: (*profile.values[name], changed)})
    monkeypatch.setattr(registry, "active_profile", lambda: later)
    assert later.value(name, on=AFTER.date()).value == "new_application_required"
    confirm(region, referral)
    assert state_of(referral) == ApplicationState.REFERRED


def test_confirming_twice_and_without_words_is_refused(region):
    referral = a_no_show(region)
    with pytest.raises(Refused) as refused:
        confirm(region, referral, comment=" ", confirmed_on=TEST_DAY - timedelta(days=1))
    assert codes(refused) == {
        "admissions.no-show-reason-needs-words",
        "admissions.no-show-confirmed-before",
    }
    confirm(region, referral, NoShowReason.UNJUSTIFIED)
    with pytest.raises(Refused) as refused:
        confirm(region, referral)
    assert codes(refused) == {"admissions.no-show-reason-confirmed"}


@pytest.mark.parametrize(
    "who", ["school", "testing_org", "chair", "ministry", "rcoi", "auditor", "admin"]
)
def test_only_a_mouo_confirms(region, who):
    referral = a_no_show(region)
    with pytest.raises(Forbidden):
        confirm(region, referral, who=who)


def test_another_mouo_finds_no_such_case(region):
    referral = a_no_show(region)
    with pytest.raises(Application.DoesNotExist):
        confirm(region, referral, who="other_mouo")


def test_where_no_mouo_stands_above_the_school_nobody_has_to_confirm(region):
    from merilo.registry.models import OrganisationFunction

    OrganisationFunction.objects.filter(organisation=region.mouo).delete()
    referral = a_no_show(region)
    assert state_of(referral) == ApplicationState.REFERRED
    assert duties(referral) == {}
    assert book(region, referral, a_session(region, date(2026, 5, 15)), now=AFTER)


def test_who_was_turned_away_is_written_to_and_books_again_without_a_word_of_the_mouo(region):
    referral = a_no_show(region, turned_away="no-parent-document")
    assert Absence.objects.get().turned_away == "no-parent-document"
    assert state_of(referral) == ApplicationState.REFERRED
    assert duties(referral) == {}
    assert Notice.objects.filter(template="not-admitted").count() == 1
    assert book(region, referral, a_session(region, NEXT_TEST_DAY)).booking


def test_after_the_confirmed_no_show_the_ministry_may_still_change_the_place(region):
    referral = a_no_show(region)
    with pytest.raises(Refused) as refused:
        booking.refer_elsewhere(
            application_id=referral.application_id,
            testing_org_id=region.other_school.pk,
            note="далеко ехать",
            actor=region.viewer("ministry"),
            now=AFTER,
        )
    assert "booking.elsewhere-missed" in codes(refused)
    confirm(region, referral)
    with pytest.raises(Refused) as refused:
        booking.refer_elsewhere(
            application_id=referral.application_id,
            testing_org_id=region.other_school.pk,
            note="далеко ехать",
            actor=region.viewer("ministry"),
            now=AFTER,
        )
    assert codes(refused) == {"booking.elsewhere-not-in-list"}
