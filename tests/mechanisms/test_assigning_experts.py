"""Experts are appointed without conflicts, evenly, after a look; then the expertise begins."""

from __future__ import annotations

import pytest

from builders import NOW, OPENED, an_account
from mechanisms.builders_expertise import EXPERTS, a_run, appointed, in_expertise, typed
from merilo.casework.models import Duty
from merilo.law import Refused
from merilo.mechanisms.actions import assigning, experts, scoring
from merilo.mechanisms.models import Appointment
from merilo.mechanisms.queries import experts as queries
from merilo.registry.access import Forbidden, Role
from merilo.registry.models import Position

pytestmark = pytest.mark.django_db(transaction=True)


def refused(act, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    return [one.code for one in caught.value.refusals]


def appoint(run, who, direction="1.1", of="mouo", **more):
    return assigning.appoint(
        expert_id=run.experts[who].pk,
        submission_id=run.submissions[of].pk,
        direction_id=run.criteria[direction].pk,
        actor=run.viewer("ministry"),
        now=NOW,
        **more,
    )


def facts(run, who):
    (found,) = queries.facts_of([run.experts[who]], on=NOW.date())
    return found


def test_the_plan_is_looked_at_first_and_made_as_it_was_seen(region):
    run, ministry = a_run(region), region.viewer("ministry")
    seen = queries.proposed(run.cycle, ministry, seed="1", on=NOW.date())
    assert not Appointment.objects.exists()
    made = assigning.appoint_by_plan(
        cycle_id=run.cycle.pk, seed="1", digest=seen.digest, actor=ministry, now=NOW
    )
    assert {(one.expert_id, (one.submission_id, one.direction.code)) for one in made} == set(
        seen.plan.appointments
    )
    assert len(made) == 8  # two municipalities, two directions, two experts each


def test_a_plan_that_would_differ_now_is_not_made(region):
    run, ministry = a_run(region), region.viewer("ministry")
    seen = queries.proposed(run.cycle, ministry, seed="1", on=NOW.date())
    for login in EXPERTS:
        experts.declare_tie(municipality_id=region.mouo.pk, actor=region.viewer(login), now=NOW)
    assert refused(
        assigning.appoint_by_plan,
        cycle_id=run.cycle.pk, seed="1", digest=seen.digest, actor=ministry, now=NOW,
    ) == ["mechanisms.plan-changed"]  # fmt: skip


def test_an_expert_s_own_municipality_is_known_from_all_his_positions(region):
    run = a_run(region)
    Position.objects.create(
        account=region.accounts["mumexpert"], organisation=region.school, role=Role.SCHOOL,
        title="учитель", valid_from=OPENED,
    )  # fmt: skip
    assert facts(run, "mumexpert").own == {region.mouo.pk}
    assert refused(appoint, run, "mumexpert") == ["mechanisms.own-municipality"]


def test_another_account_of_the_same_person_counts_too(region):
    run = a_run(region)
    other = an_account("second", region.far_school, Role.SCHOOL)
    other.person = region.accounts["mumexpert"].person
    other.save()
    assert facts(run, "mumexpert").own == {region.other_mouo.pk}


def test_case_25_who_also_works_in_the_ministry_is_appointed_with_a_warning(region):
    run = a_run(region)
    Position.objects.create(
        account=region.accounts["mumexpert"], organisation=region.ministry, role=Role.MINISTRY,
        title="координатор", valid_from=OPENED,
    )  # fmt: skip
    _made, warnings = appoint(run, "mumexpert")
    assert [one.code for one in warnings] == ["mechanisms.runs-the-cycle"]


def test_an_expert_declares_a_tie_for_himself_and_only_the_operator_lifts_it(region):
    run, me = a_run(region), region.viewer("mumexpert")
    tie = experts.declare_tie(municipality_id=region.mouo.pk, actor=me, now=NOW, note="сестра")
    assert tie.expert == run.experts["mumexpert"]
    assert refused(appoint, run, "mumexpert") == ["mechanisms.declared-tie"]
    with pytest.raises(Forbidden):
        experts.remove_tie(tie_id=tie.pk, actor=me, now=NOW)
    experts.remove_tie(tie_id=tie.pk, actor=region.viewer("ministry"), now=NOW)
    appoint(run, "mumexpert")


def test_the_expertise_waits_until_every_direction_has_two_experts(region):
    run, ministry = a_run(region), region.viewer("ministry")
    codes = refused(assigning.begin_expertise, cycle_id=run.cycle.pk, actor=ministry, now=NOW)
    assert codes == ["mechanisms.experts-not-appointed"] * 4
    appointed(run)
    assigning.begin_expertise(cycle_id=run.cycle.pk, actor=ministry, now=NOW)
    run.submissions["mouo"].refresh_from_db()
    assert run.submissions["mouo"].state == "in_expertise"
    mine = Duty.objects.filter(position_id=region.viewer("mumexpert").position_id)
    assert set(mine.values_list("kind", flat=True)) == {"mechanisms-score"}
    assert mine.count() == 4


def test_an_expert_is_taken_off_only_before_his_first_mark(region):
    run, ministry = in_expertise(region), region.viewer("ministry")
    appointment = run.appointment("mumexpert", "1.1")
    assigning.dismiss(appointment_id=appointment.pk, actor=ministry, now=NOW)
    assert not Duty.objects.filter(subject=f"appointment:{appointment.pk}").exists()
    other = run.appointment("mumexpert2", "1.1")
    scoring.save_mark(
        appointment_id=other.pk, criterion_id=run.criteria["1.1.1.1"].pk, mark=typed(2),
        actor=region.viewer("mumexpert2"), now=NOW,
    )  # fmt: skip
    assert refused(assigning.dismiss, appointment_id=other.pk, actor=ministry, now=NOW) == [
        "mechanisms.marked-already"
    ]


def test_a_third_expert_is_appointed_only_where_there_is_a_dispute(region):
    run = in_expertise(region)
    assert refused(appoint, run, "mumexpert3", third=True) == ["mechanisms.no-dispute"]


def test_who_left_the_list_gets_nothing_new_and_may_come_back(region):
    run, ministry = a_run(region), region.viewer("ministry")
    expert = run.experts["mumexpert"]
    experts.exclude_expert(expert_id=expert.pk, actor=ministry, now=NOW)
    assert expert not in queries.listed(ministry)
    again = experts.include_expert(
        position_id=expert.position_id, directions=["1.3"], most_positions=9,
        actor=ministry, now=NOW,
    )  # fmt: skip
    assert again == expert and again.directions == ["1.3"]
    experts.change_expert(
        expert_id=expert.pk, directions=[], most_positions=None, actor=ministry, now=NOW
    )
    expert.refresh_from_db()
    assert facts(run, "mumexpert").directions == frozenset()


def test_only_the_operator_appoints(region):
    run = a_run(region)
    with pytest.raises(Forbidden):
        assigning.begin_expertise(cycle_id=run.cycle.pk, actor=region.viewer("rcoi"), now=NOW)
