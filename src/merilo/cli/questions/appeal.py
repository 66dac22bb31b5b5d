"""Questions about appeals: the window, the quorum, the vote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from merilo.appeals import rules as appeals
from merilo.foundation import clock
from merilo.law import Answer, Profile

from .facts import DATE, Fact, Question, one_of, whole

COUNT = whole(0, 100_000)
DAY = Fact("day", DATE, "по правилам какого дня (нет — сегодня)")


def _appeal_window(facts: Mapping[str, Any], profile: Profile) -> Answer:
    return appeals.appeal_window(facts["official_on"], facts["received_on"], profile=profile)


def _quorum(facts: Mapping[str, Any], profile: Profile) -> Answer:
    on = facts["day"] or clock.today(profile.timezone)
    return appeals.quorum(facts["members_total"], facts["present"], on=on, profile=profile)


def _vote(facts: Mapping[str, Any], profile: Profile) -> Answer:
    ballot = appeals.Ballot(
        members_total=facts["members_total"],
        present=facts["present"],
        votes_for=facts["votes_for"],
        against=facts["against"],
        abstained=facts["abstained"],
        chair=facts["chair"],
    )
    on = facts["day"] or clock.today(profile.timezone)
    return appeals.vote(ballot, on=on, profile=profile)


QUESTIONS = (
    Question(
        "appeal-window",
        "По какой день принимается апелляция о баллах",
        (
            Fact("official_on", DATE, "дата официального объявления результатов"),
            Fact("received_on", DATE, "день, когда родитель получил уведомление"),
        ),
        {"official_on": "2025-06-11", "received_on": "2025-06-11"},
        _appeal_window,
    ),
    Question(
        "quorum",
        "Правомочна ли апелляционная комиссия",
        (
            Fact("members_total", COUNT, "членов в комиссии всего", required=True),
            Fact("present", COUNT, "присутствует", required=True),
            DAY,
        ),
        {"members_total": 7, "present": 4, "day": "2026-03-16"},
        _quorum,
    ),
    Question(
        "vote",
        "Принято ли решение апелляционной комиссии",
        (
            Fact("members_total", COUNT, "членов в комиссии всего", required=True),
            Fact("present", COUNT, "присутствует", required=True),
            Fact("votes_for", COUNT, "за", required=True),
            Fact("against", COUNT, "против", required=True),
            Fact("abstained", COUNT, "воздержались", default=0),
            Fact("chair", one_of(appeals.Vote), "как голосовал председатель"),
            DAY,
        ),
        {
            "members_total": 7,
            "present": 4,
            "votes_for": 2,
            "against": 2,
            "chair": "for",
            "day": "2026-03-16",
        },
        _vote,
    ),
)
