"""The law of the region: its values with act and paragraph, and questions to its rules."""

from datetime import date
from typing import Annotated, Any

from django.http import Http404
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field, JsonValue

from merilo import law
from merilo.cli.law.output import Unanswerable, as_json
from merilo.cli.questions import QUESTIONS, read_facts
from merilo.foundation import clock
from merilo.law import Answer, Reason, Refused
from merilo.law.refusal import _ as mark
from merilo.registry import queries as registry

from .door import EVERYONE, reasons_of, served
from .shapes import Day, Strict
from .shapes import Reason as ReasonOut

TAG = "Правила и сроки"
router = Router()

FACTS_WRONG = Reason("api.facts-wrong", mark("Ответить на вопрос нельзя: %(what)s."))


class ValueOut(Schema):
    name: str
    title: str
    value: JsonValue
    act: str
    paragraph: str
    since: date
    certainty: str


class Values(Schema):
    profile: str
    on: date
    items: list[ValueOut]


class ValuesAsked(Strict):
    on: Day | None = None
    name: Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9_.]*$")] = ""


@served(
    router,
    "GET",
    "/law/values",
    roles=EVERYONE,
    answer=Values,
    summary="Значения правил на дату с актом и пунктом",
)
def law_values(request, asked: Query[ValuesAsked]):
    profile = registry.active_profile()
    on = asked.on or clock.today(profile.timezone)
    items = []
    for name in profile.names():
        if not name.startswith(asked.name):
            continue
        try:
            value = profile.value(name, on=on)
        except law.NotInForce:
            continue
        items.append(
            {
                "name": name,
                "title": law.definition(name).title,
                "value": value.as_record()["value"],
                "act": value.source.act.id,
                "paragraph": value.source.paragraph,
                "since": value.since,
                "certainty": value.certainty,
            }
        )
    return {"profile": profile.id, "on": on, "items": items}


class QuestionOut(Schema):
    name: str
    title: str
    example: dict[str, JsonValue]


class Questions(Schema):
    items: list[QuestionOut]


@served(
    router, "GET", "/law/questions", roles=EVERYONE, answer=Questions, summary="Что можно спросить"
)
def law_questions(request):
    items = [
        {"name": one.name, "title": one.title, "example": dict(one.example)}
        for one in QUESTIONS.values()
    ]
    return {"items": items}


class AskIn(Strict):
    facts: Annotated[dict[str, JsonValue], Field(max_length=60)]


class AnswerOut(Schema):
    question: str
    profile: str
    allowed: bool
    reasons: list[ReasonOut]
    dates: dict[str, Any]
    outcome: dict[str, Any]
    decided_under: dict[str, Any]


@served(
    router,
    "POST",
    "/law/questions/{name}",
    roles=EVERYONE,
    answer=AnswerOut,
    summary="Спросить правило",
)
def law_ask(request, name: Annotated[str, Field(max_length=60)], said: AskIn):
    if name not in QUESTIONS:
        raise Http404
    question, profile = QUESTIONS[name], registry.active_profile()
    try:
        facts = read_facts(question.facts, said.facts, _("Вопрос «%(name)s»") % {"name": name})
        answer = question.answer(facts, profile)
    except Unanswerable as wrong:
        raise Refused([FACTS_WRONG(what=str(wrong).rstrip("."))]) from wrong
    except Refused as refused:
        answer = Answer(reasons=refused.refusals)
    return {
        "question": name,
        "profile": profile.id,
        "allowed": answer.allowed,
        "reasons": reasons_of(answer.reasons),
        "dates": as_json(dict(answer.dates)),
        "outcome": as_json(dict(answer.outcome)),
        "decided_under": {one.name: as_json(one.as_record()) for one in answer.decided_under},
    }
