"""Criteria to try rules on: the federal archive, and a small edition of an invented region."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from merilo import law
from merilo.mechanisms.rules.exchange import edition_from_data
from merilo.mechanisms.rules.form import FormLaw, LinkFacts, form_law
from merilo.mechanisms.rules.tree import Component, Edition, Kind, Node, Renormalisation, Shape

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
