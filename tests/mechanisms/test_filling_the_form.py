"""A municipality fills, checks and submits its form; who reads it meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, transaction

from mechanisms.builders_mechanisms import (
    AFTER,
    DURING,
    GOOD,
    LAST,
    SHARED,
    refused,
)
from mechanisms.builders_mechanisms import region as criteria
from merilo.casework.models import Duty
from merilo.foundation.journal.models import JournalEntry
from merilo.mechanisms import actions, queries
from merilo.mechanisms.models import (
    Answer,
    Link,
    Submission,
)
from merilo.mechanisms.rules.form import LinkFacts
from merilo.mechanisms.rules.states import SubmissionState
from merilo.registry.access import Forbidden
from rules.reading import codes

pytestmark = pytest.mark.django_db
OWN = "1.2.1.1.2"


def test_what_lacks_something_is_kept_and_told(run):
    kept = run.save(OWN, LinkFacts(1, url="https://uo.example/a.pdf", page_count=12))
    assert codes(kept.reasons) == ["mechanisms.document-name-missing", "mechanisms.pages-missing"]
    assert Link.objects.get().url == "https://uo.example/a.pdf"
    assert kept.answer.version == 1


def test_a_sixth_row_is_kept_as_a_draft_and_stops_the_check(run):
    rows = [replace(GOOD, row=n, url=f"https://uo.example/{n}") for n in range(1, 7)]
    kept = run.save(OWN, *rows)
    assert codes(kept.reasons) == ["mechanisms.too-many-links"]
    checked = actions.self_check(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    assert not checked.passed
    assert checked.submission.state == SubmissionState.DRAFT


def test_a_row_that_was_emptied_is_gone_and_the_others_stay_where_they_were(run):
    run.save(OWN, GOOD, replace(GOOD, row=2, url="https://uo.example/2"))
    second = Link.objects.get(seq=2).pk
    run.save(OWN, LinkFacts(1), replace(GOOD, row=2, url="https://uo.example/2"), seen=1)
    assert [(one.pk, one.seq) for one in Link.objects.all()] == [(second, 2)]
    run.save(OWN, seen=2)
    assert not Link.objects.exists()


def test_of_two_people_at_one_position_the_second_is_told_and_nothing_is_lost(run):
    run.save(OWN, GOOD)
    assert refused(run.save, OWN, replace(GOOD, document_name="Другое")) == ["stale-answer"]
    assert Link.objects.get().document_name == GOOD.document_name
    run.save(OWN, replace(GOOD, document_name="Другое"), seen=1)
    assert Answer.objects.get().version == 2


def test_two_people_at_two_positions_do_not_meet(run):
    run.save(OWN, GOOD)
    run.save("1.1.2.1", SHARED)
    assert Answer.objects.count() == 2


def test_a_password_in_a_comment_is_refused_and_nowhere_kept(run):
    told = "пароль: sekret99"
    assert refused(run.save, OWN, replace(GOOD, comment=told)) == ["secret-in-comment"]
    assert not Answer.objects.exists()
    assert "sekret99" not in str(list(JournalEntry.objects.values_list("facts", flat=True)))


def test_what_is_no_position_takes_no_links(run):
    assert refused(run.save, "1.2", GOOD) == ["not-in-criteria"]
    assert refused(run.save, "9.9", GOOD) == ["not-in-criteria"]


def test_the_last_day_counts_by_the_clock_of_the_municipality(run):
    run.save(OWN, GOOD, now=LAST)
    assert refused(run.save, OWN, GOOD, seen=1, now=AFTER) == ["day-passed"]


def test_a_form_is_checked_by_the_rules_of_typing_and_then_submitted(run):
    run.save(OWN, replace(GOOD, pages=""))
    checked = actions.self_check(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    assert codes(checked.reasons) == ["mechanisms.pages-missing"]
    assert refused(actions.submit, submission_id=run.form.pk, actor=run.mouo, now=DURING) == [
        "not-checked", "pages-missing",
    ]  # fmt: skip
    run.save(OWN, GOOD, seen=1)
    checked = actions.self_check(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    assert checked.passed and checked.submission.state == SubmissionState.SELF_CHECKED
    assert {one.code for one in checked.reasons} == {"mechanisms.nothing-given"}
    given = actions.submit(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    assert given.state == SubmissionState.SUBMITTED
    assert given.submitted_by_id == run.mouo.account_id
    assert len(given.warnings) == 4


def test_a_change_after_the_self_check_asks_for_another_one(run):
    run.fill()
    actions.self_check(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    run.save(OWN, GOOD, seen=1)
    assert refused(actions.submit, submission_id=run.form.pk, actor=run.mouo, now=DURING) == [
        "not-checked"
    ]
    actions.self_check(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    again = actions.self_check(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    assert again.submission.state == SubmissionState.SELF_CHECKED


def test_submitted_materials_are_taken_back_and_given_again_while_the_run_is_open(run):
    run.fill()
    run.submit()
    assert refused(run.save, OWN, GOOD, seen=1) == ["already-submitted"]
    back = actions.take_back(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    assert (back.state, back.submitted_at) == (SubmissionState.DRAFT, None)
    assert Duty.objects.filter(kind="fill-mechanisms").count() == 2
    run.submit()
    with pytest.raises(DatabaseError), transaction.atomic():
        Submission.objects.filter(pk=run.form.pk).update(state="final")


def test_nobody_fills_another_municipality_s_form(run):
    with pytest.raises(ObjectDoesNotExist):
        actions.self_check(submission_id=run.other.pk, actor=run.mouo, now=DURING)
    for who in (run.ministry,):
        with pytest.raises(Forbidden):
            actions.submit(submission_id=run.form.pk, actor=who, now=DURING)


def test_a_draft_is_read_by_its_municipality_alone(run, region):
    def read(who):
        return list(queries.scope.readable_by(region.viewer(who)))

    assert read("mouo") == [run.form] and read("other_mouo") == [run.other]
    assert read("ministry") == read("rcoi") == read("auditor") == read("mumexpert") == []
    assert read("school") == []
    run.fill()
    run.submit()
    assert read("ministry") == read("rcoi") == read("auditor") == [run.form]
    assert read("mumexpert") == []


def test_progress_counts_positions_by_node(run):
    run.save("1.1.1", GOOD, not_applicable=True)
    run.save(OWN, GOOD)
    found = queries.forms.progress_of(criteria(), queries.forms.facts_of(run.form))
    assert (found["1"].positions, found["1"].filled, found["1"].absent) == (5, 1, 2)
    assert found["1.1.1"].done and not found["1.2"].done
    assert [node.code for node in queries.forms.parts_of(criteria())] == [
        "1.1.1",
        "1.1.2",
        "1.2.1",
    ]
