"""Questions about appeals: the window, the quorum, the vote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from merilo.appeals import rules as appeals
from merilo.foundation import clock
from merilo.law import Answer, Profile

from .facts import DATE, FLAG, TEXT, Fact, Question, many, one_of, record, whole

COUNT = whole(0, 100_000)
DAY = Fact("day", DATE, "по правилам какого дня (нет — сегодня)")


def _appeal_window(facts: Mapping[str, Any], profile: Profile) -> Answer:
    return appeals.appeal_window(facts["official_on"], facts["received_on"], profile=profile)


TASK = record(
    Fact("task", whole(1, 100), "номер задания", required=True),
    Fact("grounds", TEXT, "с чем не согласен", default=""),
)


def _may_appeal(facts: Mapping[str, Any], profile: Profile) -> Answer:
    appeal = appeals.AppealFacts(
        kind=facts["kind"],
        submitted_on=facts["submitted_on"],
        test_on=facts["test_on"],
        official_on=facts["official_on"],
        received_on=facts["received_on"],
        tasks={one["task"]: one["grounds"] for one in facts["tasks"]},
        subjects=frozenset(facts["subjects"]),
        with_applicant=facts["in_presence"],
        without_applicant=facts["in_absence"],
        by_entitled=facts["by_entitled"],
        earlier_appeals=facts["earlier_appeals"],
        drafts_attached=facts["drafts_attached"],
    )
    if appeal.kind == appeals.AppealKind.POINTS:
        window = appeals.appeal_window(appeal.official_on, appeal.received_on, profile=profile)
    else:
        window = appeals.procedure_window(appeal.test_on, profile=profile)
    return Answer(
        reasons=tuple(appeals.reasons_against_accepting(appeal, profile=profile)),
        dates={"last": window.dates["last"]},
        decided_under=(
            profile.value("appeals.once", on=appeal.test_on),
            *window.decided_under,
        ),
    )


def _appeal_terms(facts: Mapping[str, Any], profile: Profile) -> Answer:
    received, decided = facts["received_on"], facts["decided_on"]
    asked = facts["materials_asked_on"]
    names = ["reply_wd", "consider_wd"] + ["inform_wd"] * bool(decided)
    names += ["materials_wd", "materials_time"] * bool(asked)
    return Answer(
        dates={
            "reply_until": appeals.reply_due(received, profile=profile),
            "consider_until": appeals.consider_due(received, profile=profile),
            "inform_until": decided and appeals.inform_due(decided, profile=profile),
            "materials_before": asked and appeals.materials_due(asked, profile=profile),
        },
        decided_under=tuple(profile.value(f"appeals.{name}", on=received) for name in names),
    )


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
        "may-appeal",
        "Принимается ли эта апелляция",
        (
            Fact("test_on", DATE, "день тестирования", required=True),
            Fact("submitted_on", DATE, "день подачи апелляции", required=True),
            Fact("kind", one_of(appeals.AppealKind), "о чём", default=appeals.AppealKind.POINTS),
            Fact("official_on", DATE, "дата официального объявления результатов"),
            Fact("received_on", DATE, "день, когда родитель получил уведомление"),
            Fact("tasks", many(TASK), "задания, с баллами за которые не согласен", default=()),
            Fact(
                "subjects",
                many(one_of(appeals.Subject)),
                "на что жалуется",
                default=(appeals.Subject.POINTS,),
            ),
            Fact("in_presence", FLAG, "отмечено «в моём присутствии»", default=False),
            Fact("in_absence", FLAG, "отмечено «без моего участия»", default=False),
            Fact("by_entitled", FLAG, "подаёт участник или его представитель", default=True),
            Fact("earlier_appeals", COUNT, "прежних апелляций по этому тесту", default=0),
            Fact("drafts_attached", FLAG, "приложены черновики", default=False),
        ),
        {
            "test_on": "2025-06-06",
            "official_on": "2025-06-16",
            "received_on": "2025-06-16",
            "submitted_on": "2025-06-18",
            "tasks": [{"task": 3, "grounds": "Прочитано без ошибок."}],
            "in_presence": True,
        },
        _may_appeal,
    ),
    Question(
        "appeal-terms",
        "По какой день ответить, рассмотреть апелляцию, сообщить решение, выдать материалы",
        (
            Fact("received_on", DATE, "день поступления апелляции", required=True),
            Fact("decided_on", DATE, "день решения"),
            Fact("materials_asked_on", DATE, "день запроса материалов тестирования"),
        ),
        {"received_on": "2026-03-02", "decided_on": "2026-03-05"},
        _appeal_terms,
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
