"""A municipality draws its management cycle; experts decide on the gaps, each for himself."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from builders import NOW
from mechanisms.builders_expertise import LATER, a_run, appointed, in_expertise, scored, typed
from merilo.law import Refused
from merilo.mechanisms.actions import assigning, mapping, scoring
from merilo.mechanisms.models import ChainLink, ChainNode, Ruling, Submission
from merilo.mechanisms.queries.cycle_map import confirmed_grounds, maps_visible_to, track_map
from merilo.mechanisms.rules.cycle import GapKind, Judgement
from merilo.mechanisms.rules.states import CycleState
from merilo.mechanisms.rules.tree import Component

pytestmark = pytest.mark.django_db(transaction=True)


def refused(act, **kwargs):
    with pytest.raises(Refused) as caught:
        act(**kwargs)
    return [one.code for one in caught.value.refusals]


def add(run, component, title, *, after=None, track="1.3.1", who="mouo", **facts):
    return mapping.add_part(
        submission_id=run.submissions["mouo"].pk,
        track_id=run.criteria[track].pk,
        part=mapping.Part(component, title, **facts),
        after_id=after.pk if after else None,
        actor=run.viewer(who),
        now=NOW,
    )


def drawn(run, who=None):
    appointment = run.appointment(who, "1.3") if who else None
    return track_map(run.submissions["mouo"], run.criteria["1.3.1"].pk, appointment=appointment)


def gaps(run, who=None):
    return [(str(one.kind), one.node.title if one.node else "") for one in drawn(run, who).gaps]


def with_indicator(region):
    """An indicator that is monitored, and a survey of schools nobody needs; in expertise."""
    run = a_run(region, state=CycleState.OPEN)
    goal = add(run, Component.GOALS, "Цель")
    indicator = add(run, Component.INDICATORS, "Доля охваченных", after=goal)
    monitoring = add(run, Component.MONITORING, "Мониторинг", after=indicator, needs=True)
    add(run, Component.ANALYSIS, "Справка", after=monitoring)
    add(run, Component.METHODS, "Опрос школ", from_schools=True)
    run.cycle.state = CycleState.CLOSED
    run.cycle.save()
    Submission.objects.filter(cycle=run.cycle).update(state="self_checked")
    Submission.objects.filter(cycle=run.cycle).update(state="submitted")
    appointed(run)
    assigning.begin_expertise(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=NOW)
    return run


def rule_on(run, who, kind, node=None, confirmed=True, explanation="Стр. 4.", direction="1.3"):
    return mapping.rule_on(
        appointment_id=run.appointment(who, direction).pk,
        track_id=run.criteria["1.3.1"].pk,
        kind=kind,
        node_id=node.pk if node else None,
        confirmed=confirmed,
        explanation=explanation,
        actor=run.viewer(who),
        now=LATER,
    )


def test_a_part_is_put_after_another_and_gaps_are_seen_at_once(region):
    run = a_run(region, state=CycleState.OPEN)
    goal = add(run, Component.GOALS, "Цель")
    assert gaps(run) == [("goal-without-indicator", "Цель"), ("no-needs-data", "")]
    add(run, Component.INDICATORS, "Доля", after=goal, needs=True)
    assert gaps(run) == [("indicator-without-monitoring", "Доля")]


def test_parts_are_joined_changed_and_taken_away(region):
    run, me = a_run(region, state=CycleState.OPEN), region.viewer("mouo")
    at = {"submission_id": run.submissions["mouo"].pk, "actor": me, "now": NOW}
    goal, indicator = add(run, Component.GOALS, "Ц"), add(run, Component.INDICATORS, "П")
    arrow = mapping.join(here_id=goal.pk, to_id=indicator.pk, **at)
    assert refused(mapping.join, here_id=goal.pk, to_id=indicator.pk, **at) == [
        "mechanisms.cycle-joined-already"
    ]
    assert refused(mapping.join, here_id=indicator.pk, to_id=goal.pk, **at) == [
        "mechanisms.cycle-backwards"
    ]
    mapping.part_from(arrow_id=arrow.pk, **at)
    assert not ChainLink.objects.exists()
    link = run.submissions["mouo"].answers.first().links.get()
    part = mapping.Part(Component.INDICATORS, "Показатель", link_id=link.pk, needs=True)
    changed = mapping.change_part(node_id=indicator.pk, part=part, **at)
    assert (changed.title, changed.link_id, changed.needs) == ("Показатель", link.pk, True)
    mapping.remove_part(node_id=goal.pk, **at)
    assert not ChainNode.objects.filter(pk=goal.pk).exists()


def test_parts_of_two_tracks_are_not_joined(region):
    run = a_run(region, state=CycleState.OPEN)
    goal = add(run, Component.GOALS, "Цель", track="1.1.1")
    with pytest.raises(Refused) as caught:
        add(run, Component.INDICATORS, "Показатель", after=goal)
    assert [one.code for one in caught.value.refusals] == ["mechanisms.cycle-other-track"]


def test_the_map_is_drawn_by_the_municipality_itself_while_the_form_is_open(region):
    run = a_run(region, state=CycleState.OPEN)
    with pytest.raises(Submission.DoesNotExist):
        add(run, Component.GOALS, "Цель", who="other_mouo")
    goal = add(run, Component.GOALS, "Цель")
    run.cycle.state = CycleState.CLOSED
    run.cycle.save()
    at = {"submission_id": run.submissions["mouo"].pk, "actor": region.viewer("mouo"), "now": NOW}
    assert refused(mapping.remove_part, node_id=goal.pk, **at) == ["mechanisms.cycle-closed"]


def test_an_expert_sees_the_maps_he_is_appointed_to_and_others_of_the_region_all(region):
    run = in_expertise(region)
    assert maps_visible_to(run.viewer("mumexpert")).count() == 2
    assert not maps_visible_to(run.viewer("mumexpert3")).exists()
    assert maps_visible_to(run.viewer("ministry")).count() == 2
    assert maps_visible_to(run.viewer("mouo")).count() == 1
    assert not maps_visible_to(run.viewer("school")).exists()


def test_case_132_a_candidate_is_decided_by_each_expert_for_himself(region):
    run = with_indicator(region)
    survey = ChainNode.objects.get(title="Опрос школ")
    ruling = rule_on(run, "mumexpert", GapKind.OUTSIDE_CYCLE, survey)
    assert (ruling.code, ruling.confirmed) == ("D4", True)
    again = rule_on(run, "mumexpert", GapKind.OUTSIDE_CYCLE, survey, confirmed=False)
    assert again.version == ruling.version + 1 and not again.confirmed
    gap = next(one for one in drawn(run, "mumexpert").gaps if one.kind == "outside-cycle")
    assert drawn(run, "mumexpert").ruling_on(gap) == again
    assert drawn(run, "mumexpert2").ruling_on(gap) is None


def test_what_follows_an_indicator_called_ineffective_shows_to_who_called_it_so(region):
    run = with_indicator(region)
    indicator = ChainNode.objects.get(title="Доля охваченных")
    ruling = rule_on(run, "mumexpert", Judgement.INEFFECTIVE, indicator)
    assert ruling.code == "D2"
    assert ("ineffective-monitored", "Мониторинг") in gaps(run, "mumexpert")
    assert ("ineffective-monitored", "Мониторинг") not in gaps(run, "mumexpert2")


def test_only_an_indicator_is_judged_and_only_a_found_gap_is_ruled_on(region):
    run = with_indicator(region)
    goal = ChainNode.objects.get(title="Цель")
    with pytest.raises(Refused) as caught:
        rule_on(run, "mumexpert", Judgement.NEGATIVE, goal)
    assert [one.code for one in caught.value.refusals] == ["mechanisms.not-an-indicator"]
    with pytest.raises(Refused) as caught:
        rule_on(run, "mumexpert", GapKind.NO_NEEDS_DATA)
    assert [one.code for one in caught.value.refusals] == ["mechanisms.not-a-candidate"]


def test_a_confirmed_ground_that_no_mark_names_is_said_when_the_expert_finishes(region):
    run = with_indicator(region)
    rule_on(run, "mumexpert", GapKind.OUTSIDE_CYCLE, ChainNode.objects.get(title="Опрос школ"))
    appointment, me = run.appointment("mumexpert", "1.3"), run.viewer("mumexpert")
    scoring.save_mark(
        appointment_id=appointment.pk, criterion_id=run.criteria["1.3.1.1.1"].pk, mark=typed(2),
        actor=me, now=LATER,
    )  # fmt: skip
    _done, warnings = scoring.finish(appointment_id=appointment.pk, actor=me, now=LATER)
    assert [one.code for one in warnings] == ["mechanisms.confirmed-not-taken"]


def test_after_the_expert_is_done_his_decisions_stay(region):
    run = with_indicator(region)
    scored(run, "mumexpert", "1.3", 2)
    with pytest.raises(Refused) as caught:
        rule_on(run, "mumexpert", GapKind.OUTSIDE_CYCLE, ChainNode.objects.get(title="Опрос школ"))
    assert caught.value.refusals[0].code == "mechanisms.finished-already"


def test_every_decision_on_the_map_is_kept_and_the_last_is_in_force(region):
    run = with_indicator(region)
    survey = ChainNode.objects.get(title="Опрос школ")
    for confirmed, why in ((True, "Стр. 4."), (False, "Стр. 5 его связывает."), (True, "Нет.")):
        rule_on(run, "mumexpert", GapKind.OUTSIDE_CYCLE, survey, confirmed, why)
    kept = Ruling.objects.order_by("version").values_list("version", "confirmed", "explanation")
    assert list(kept) == [
        (1, True, "Стр. 4."), (2, False, "Стр. 5 его связывает."), (3, True, "Нет."),
    ]  # fmt: skip
    seen = drawn(run, "mumexpert")
    [stands] = [one for one in seen.rulings if one.node_id == survey.pk]
    assert stands.version == 3 and [one.version for one in seen.history_of(stands)] == [1, 2, 3]
    assert not drawn(run, "mumexpert2").versions and not seen.history_of(None)
    with pytest.raises(DatabaseError), transaction.atomic():
        Ruling.objects.update(confirmed=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        Ruling.objects.all().delete()


def test_what_was_taken_back_on_the_map_is_no_confirmed_ground(region):
    run = with_indicator(region)
    survey = ChainNode.objects.get(title="Опрос школ")
    rule_on(run, "mumexpert", GapKind.OUTSIDE_CYCLE, survey)
    appointment = run.appointment("mumexpert", "1.3")
    assert confirmed_grounds(appointment) == {"D4"}
    rule_on(run, "mumexpert", GapKind.OUTSIDE_CYCLE, survey, confirmed=False)
    assert confirmed_grounds(appointment) == set()


def test_an_expert_who_decided_on_the_map_is_not_taken_off(region):
    run = with_indicator(region)
    rule_on(run, "mumexpert", GapKind.OUTSIDE_CYCLE, ChainNode.objects.get(title="Опрос школ"))
    appointment = run.appointment("mumexpert", "1.3")
    assert refused(
        assigning.dismiss, appointment_id=appointment.pk, actor=run.viewer("ministry"), now=LATER
    ) == ["mechanisms.ruled-already"]
