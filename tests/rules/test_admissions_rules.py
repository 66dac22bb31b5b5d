"""Admissions: the set of documents, who is tested, the referral, its terms, the decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merilo import law
from merilo.admissions import rules
from merilo.admissions.rules import (
    END_STATES,
    REFERRAL_TRANSITIONS,
    TRANSITIONS,
    ApplicationFacts,
    ApplicationState,
    CaseFacts,
    Category,
    Channel,
    DocumentFacts,
    DocumentKind,
    DocumentState,
    NoShowFacts,
    NoShowReason,
    PersonFacts,
    ReferralFacts,
    ReferralState,
    RegisterCheck,
    UnreliableReason,
)
from rules.reading import cases, holds, profile_of

TODAY = date(2026, 3, 16)
PRIMORYE = law.profile("primorye-2025")


CHANGEABLE = (
    "grade",
    "birth_date",
    "received_on",
    "consent_to_test",
    "has_representative",
    "citizenship",
    "stateless",
    "full_set_on",
)


def an_application(given: dict[str, Any]) -> ApplicationFacts:
    """The case's application: all mandatory documents accepted but for what `given` changes."""
    fields = {
        "grade": 2,
        "category": Category(given.get("category", "GENERAL")),
        "birth_date": date(2017, 5, 20),
        "received_on": TODAY,
        "channel": Channel(given.get("channel", "EPGU")),
        "citizenship": "Узбекистан",
        "state": ApplicationState(given.get("state", "completeness_check")),
        "register_check": RegisterCheck(given.get("register_check", "clear")),
        "documents": tuple(documents(given)),
    }
    for name in CHANGEABLE:
        if name in given:
            fields[name] = given[name]
    return ApplicationFacts(**fields)


ALWAYS = tuple(DocumentKind)[:10]  # what everybody brings; proofs of categories only if named


def documents(given: dict[str, Any]):
    said = given.get("documents", {})
    for kind in DocumentKind:
        if kind in given.get("without", ()) or (kind not in ALWAYS and kind not in said):
            continue
        state = DocumentState(said.get(kind, "accepted"))
        comment = "нет печати" if state == DocumentState.INVALID else ""
        yield DocumentFacts(kind, state, given.get("until", {}).get(kind), comment)


def a_referral(
    given: dict[str, Any], *, state: str = "issued", issued_on: date = TODAY
) -> ReferralFacts:
    return ReferralFacts(
        state=ReferralState(state),
        issued_on=issued_on,
        received_on=given.get("received_on"),
        copies_sent_to=frozenset(given.get("copies", ())),
    )


def a_no_show(given: dict[str, Any]) -> NoShowFacts:
    """Missed three days ago, for the first time; the МОУО has said nothing yet."""
    reason = given.get("reason")
    return NoShowFacts(
        missed_on=given.get("missed_on", date(2026, 3, 13)),
        times=given.get("times", 1),
        reason=NoShowReason(reason) if reason else None,
        mouo=given.get("mouo", True),
    )


def state_of(given: dict[str, Any]) -> ApplicationState:
    return ApplicationState(given["state"])


def ask_refer(given, profile):
    passed = given.get("passed_before")
    return rules.reasons_against_referral(
        an_application(given),
        on=TODAY,
        profile=profile,
        live_referral=given.get("live_referral", ""),
        assigned_testing_orgs=[7],
        testing_org=given.get("testing_org", 7),
        passed_before=tuple(passed) if passed else None,
    )


def ask_best(given, profile):
    answer = rules.best_case(
        an_application(given),
        today=TODAY,
        earliest_test_on=given.get("earliest_test_on"),
        test_on=given.get("test_on"),
        profile=profile,
    )
    return answer if answer.dates else "nothing"


def ask_duties(given, profile):
    referral = given.get("referral")
    case = CaseFacts(
        application=an_application(given),
        label="Заявление № 025-0001",
        school=1,
        since=datetime(2026, 3, 16, tzinfo=UTC),
        referral=a_referral(given, state=referral) if referral else None,
        training=given.get("training", ""),
        missed=a_no_show(given) if given["state"] in ("no_show", "not_admitted") else None,
        mouo=5 if given["state"] == "no_show" and given.get("mouo", True) else None,
    )
    duties = rules.duties_of(case, profile)
    assert all(duty.organisation_id == (5 if duty.role == "mouo" else 1) for duty in duties)
    assert all(duty.kind in rules.DUTY_TITLES for duty in duties)
    return [[duty.kind, duty.due_on] for duty in duties]


def ask_likeness(given, profile):
    def person(last, first, born, number):
        return PersonFacts(rules.name_key(last, first), born, number)

    return rules.likeness(person(*given["one"]), person(*given["other"]))


ASK = {
    "register": lambda g, p: rules.reasons_against_registering(
        an_application(g), today=TODAY, profile=p
    ),
    "full_set": lambda g, p: rules.reasons_against_full_set(
        an_application(g), on=TODAY, profile=p
    ),
    "return": lambda g, p: rules.reasons_against_return(an_application(g), on=TODAY, profile=p),
    "resubmit": lambda g, p: rules.reasons_against_resubmitting(
        state_of(g), submitted_on=g["submitted_on"], before=g["before"], today=TODAY
    ),
    "marking": lambda g, p: rules.reasons_against_marking(
        state_of(g),
        [DocumentFacts(DocumentKind.MEDICAL, DocumentState(g["document"]), None, g["comment"])],
    ),
    "register_check": lambda g, p: rules.reasons_against_register_check(state_of(g)),
    "completeness_due": lambda g, p: rules.completeness_due(g["received_on"], p)[0],
    "authenticity_due": lambda g, p: rules.authenticity_due(g["received_on"], g["full_set_on"], p)[
        0
    ],
    "window": lambda g, p: rules.booking_window(g["received_on"], p),
    "annul": lambda g, p: rules.reasons_against_annulling(
        a_referral(g, state=g["state"], issued_on=date(2025, 4, 22)), today=g["today"], profile=p
    ),
    "form": lambda g, p: rules.form_of_test(
        g["grade"], Category(g["category"]), test_on=g["day"], profile=p
    )[0],
    "exempt": lambda g, p: rules.reasons_against_exempting(
        an_application(g), on=g.get("day", TODAY), profile=p
    ),
    "refer": ask_refer,
    "deliver": lambda g, p: rules.reasons_against_delivery(
        a_referral(g, state=g.get("state", "issued")),
        received_on=g["received_on"],
        today=date(2026, 3, 17),
        evidence=g["evidence"],
        profile=p,
    ),
    "revoke": lambda g, p: rules.reasons_against_revoking(ReferralState(g["state"]), g["note"]),
    "refuse": lambda g, p: rules.reasons_against_refusing(
        state_of(g), ApplicationState(g["to"]), [UnreliableReason(r) for r in g["reasons"]]
    ),
    "enrol": lambda g, p: rules.reasons_against_enrolling(state_of(g)),
    "training": lambda g, p: rules.reasons_against_training(state_of(g)),
    "withdraw": lambda g, p: rules.reasons_against_withdrawing(state_of(g), booked=g["booked"]),
    "after_no_show": lambda g, p: str(rules.after_no_show(a_no_show(g), p)[0]),
    "confirm_no_show": lambda g, p: rules.reasons_against_confirming(
        a_no_show(g) if g.get("missed", True) else None,
        confirmed_on=g.get("confirmed_on", TODAY),
        comment=g.get("comment", "справка"),
        today=TODAY,
        profile=p,
    ),
    "close": lambda g, p: rules.reasons_against_closing(
        ApplicationState(g.get("state", "no_show")),
        a_no_show(g) if g.get("missed", True) else None,
        p,
    ),
    "next": lambda g, p: rules.reasons_against_next(
        state_of(g), "025-0001", same_school=g["same_school"]
    ),
    "retest": lambda g, p: rules.retest_from(
        g["failed_on"], Category(g["category"]), asked_on=g["day"], profile=p
    ),
    "best": ask_best,
    "duties": ask_duties,
    "likeness": ask_likeness,
}


@pytest.mark.parametrize("case", cases("admissions"))
def test_admissions(case):
    found = ASK[case["ask"]](case["given"], profile_of(case))
    holds(found, case["then"])


def test_every_state_leads_to_an_end():
    for start in ApplicationState:
        reached, seen = {start}, set()
        while reached:
            state = reached.pop()
            seen.add(state)
            reached |= TRANSITIONS[state] - seen
        assert seen & END_STATES, start


def test_an_ended_case_leads_nowhere_but_to_a_new_application():
    for state in END_STATES:
        assert TRANSITIONS[state] <= {ApplicationState.REAPPLIED}


def test_every_state_and_kind_has_a_name_and_every_letter_a_place_for_its_facts():
    assert set(rules.STATE_NAMES) == set(ApplicationState) == set(TRANSITIONS)
    assert set(rules.REFERRAL_NAMES) == set(ReferralState) == set(REFERRAL_TRANSITIONS)
    assert set(rules.DOCUMENT_NAMES) == set(DocumentKind)
    assert set(rules.DOCUMENT_STATE_NAMES) == set(DocumentState)
    assert set(rules.CATEGORY_NAMES) == set(Category)
    assert set(rules.CHANNEL_NAMES) == set(Channel)
    assert set(rules.DECISION_NAMES) == set(rules.DecisionKind)
    assert rules.COPY_KIND in rules.DISPATCH_TITLES


def test_where_the_calendar_is_not_published_the_duty_says_so():
    case = CaseFacts(
        application=an_application({"received_on": date(2026, 12, 29)}),
        label="Заявление № 025-0001",
        school=1,
        since=datetime(2026, 12, 29, tzinfo=UTC),
    )
    (duty,) = rules.duties_of(case, PRIMORYE)
    assert duty.due_on is None
    assert "2027" in duty.due_unknown


@given(
    st.dictionaries(st.sampled_from(ALWAYS), st.sampled_from(DocumentState)),
    st.integers(1, 11),
)
def test_a_set_is_full_or_returned_never_both_and_never_neither(states, grade):
    application = an_application({"documents": states, "grade": grade})
    full = list(rules.reasons_against_full_set(application, on=TODAY, profile=PRIMORYE))
    back = list(rules.reasons_against_return(application, on=TODAY, profile=PRIMORYE))
    unchecked = list(rules.unchecked(application, on=TODAY, profile=PRIMORYE))
    assert bool(unchecked) == (bool(full) and bool(back))
    assert full or back


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_name_key_is_short_and_does_not_hang_on_case(last, first):
    key = rules.name_key(last, first)
    assert len(key) <= 120
    assert rules.name_key(last.lower(), first.lower()) == rules.name_key(
        last.lower().lower(), first.lower()
    )


@pytest.mark.parametrize(
    "typed", ["№ h-025–0117", " H-025-0117", "н - 025 - О117", "N Н-025-0117"]
)  # noqa: RUF001
def test_a_number_typed_in_latin_letters_is_the_number_that_was_issued(typed):
    assert rules.number_as_issued(typed) == "Н-025-0117"


def test_a_document_refused_in_older_data_without_words_still_makes_a_sentence():
    application = an_application({})
    document = DocumentFacts(DocumentKind.MEDICAL, DocumentState.INVALID)
    others = tuple(d for d in application.documents if d.kind != DocumentKind.MEDICAL)
    facts = replace(application, documents=(*others, document))
    (defect,) = rules.defects(facts, on=TODAY, profile=PRIMORYE)
    assert defect.sentence().strip().endswith("заболеваний.")
