"""Criteria to try rules on: the federal archive, and a small edition of an invented region."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from journeys.builders_road import vl
from merilo import law
from merilo.law import Refused
from merilo.mechanisms import actions
from merilo.mechanisms.models import Cycle, Submission
from merilo.mechanisms.rules.exchange import edition_from_data
from merilo.mechanisms.rules.form import AnswerFacts, FormLaw, LinkFacts, form_law
from merilo.mechanisms.rules.states import CycleState
from merilo.mechanisms.rules.tree import Component, Edition, Kind, Node, Renormalisation, Shape
from merilo.registry.access import Viewer

DAY = date(2026, 3, 2)
GOOD = LinkFacts(
    row=1,
    url="https://uo.example/docs/prikaz-12.pdf",
    document_name="Приказ № 12",
    page_count=3,
    pages="1–2",
    comment="Пункт 2 приказа называет цели.",
)


def federal(year: int) -> Edition:
    data = next(one for one in law.shipped_criteria() if one["code"] == f"mum-{year}")
    return edition_from_data(data, source=str(law.cite(data["act"], data["paragraph"])))


def position(code: str, points: int | None = 5, **more) -> Node:
    worth = None if points is None else Decimal(points)
    return Node(code, Kind.POSITION, f"Позиция {code}", worth, **more)


def region(rule: Renormalisation = Renormalisation.NONE, **more) -> Edition:
    """One block, two directions: R4 and shape A in the first, an own cycle in the second."""
    absent = Node(
        "1.1.1", Kind.TRACK, "Поддержка школ", special=frozenset({"R4"}), may_not_apply=True,
        children=(position("1.1.1.1", 5), position("1.1.1.2", 10)),
    )  # fmt: skip
    shared = Node(
        "1.1.2", Kind.TRACK, "Объективность", shape=Shape.REGIONAL,
        children=(position("1.1.2.1", 10),),
    )  # fmt: skip
    goals = Node(
        "1.2.1.1", Kind.COMPONENT, "Цели", component=Component.GOALS,
        children=(position("1.2.1.1.1", 10, may_not_apply=True), position("1.2.1.1.2", 15)),
    )  # fmt: skip
    own = Node("1.2.1", Kind.TRACK, "Ценности", shape=Shape.MUNICIPAL, children=(goals,))
    block = Node(
        "1", Kind.BLOCK, "Результаты",
        children=(
            Node("1.1", Kind.DIRECTION, "Оценка", children=(absent, shared)),
            Node("1.2", Kind.DIRECTION, "Воспитание", children=(own,)),
        ),
    )  # fmt: skip
    fields = {"code": "region-2026", "year": 2026, "title": "Критерии края", "roots": (block,)}
    return Edition(**fields | {"renormalisation": rule} | more)


def rules() -> FormLaw:
    return form_law(law.profile("primorye-2025"), on=DAY)


# --- a run of the region -------------------------------------------------------------------------

MADE, OPENED, DURING, LAST, AFTER = vl(3, 2), vl(3, 3), vl(3, 10), vl(3, 31, 23), vl(4, 1, 0, 30)
SUBMIT_BY = date(2026, 3, 31)
SHARED = replace(GOOD, regional_document="Приказ МОН № 5", regional_measure="п. 3 плана")


@dataclass
class Run:
    """An open run on the region's criteria, with the form of the first municipality."""

    cycle: Cycle
    form: Submission
    other: Submission
    ministry: Viewer
    mouo: Viewer
    other_mouo: Viewer

    def save(
        self, code: str, *links: LinkFacts, seen: int = 0, now=DURING, **more
    ) -> actions.Kept:
        return actions.save_answer(
            submission_id=self.form.pk, said=AnswerFacts(code, links, **more), seen_version=seen,
            actor=self.mouo, now=now,
        )  # fmt: skip

    def fill(self, now=DURING) -> None:
        """Everything the rules ask for."""
        self.save("1.1.1", GOOD, not_applicable=True, now=now)
        self.save("1.1.2.1", SHARED, now=now)
        self.save("1.2.1.1.1", not_applicable=True, reason="Нет классов", now=now)
        self.save("1.2.1.1.2", GOOD, now=now)

    def submit(self, now=DURING) -> None:
        actions.self_check(submission_id=self.form.pk, actor=self.mouo, now=now)
        actions.submit(submission_id=self.form.pk, actor=self.mouo, now=now)


def a_run(region_, *, edition: Edition | None = None, now=MADE, submit_by=SUBMIT_BY) -> Run:
    ministry = region_.viewer("ministry")
    row = actions.load_edition(edition=edition or region(), actor=ministry, now=now)
    cycle = actions.create_cycle(
        edition_id=row.pk, title=f"Самооценка {row.year}", submit_by=submit_by, actor=ministry,
        now=now,
    )  # fmt: skip
    cycle, _told = actions.move_cycle(
        cycle_id=cycle.pk, to=CycleState.OPEN, actor=ministry, now=now
    )
    forms = {one.organisation_id: one for one in cycle.submissions.all()}
    return Run(
        cycle, forms[region_.mouo.pk], forms[region_.other_mouo.pk], ministry,
        region_.viewer("mouo"), region_.viewer("other_mouo"),
    )  # fmt: skip


def refused(call, *args, **kwargs) -> list[str]:
    """The codes of the reasons for which the act is refused."""
    with pytest.raises(Refused) as wrong:
        call(*args, **kwargs)
    return sorted(one.code.removeprefix("mechanisms.") for one in wrong.value.refusals)
