"""Criteria as rows of a table, and back. YAML, XLSX and IMS CASE all become these rows first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from merilo.law import Reason, Refusal, refuse
from merilo.law.refusal import _

from .tree import Component, Edition, Kind, Node, Renormalisation, Shape, Special, tree_source

ROW_KIND = Reason(
    "mechanisms.row-kind",
    _("Строка %(row)s: вид «%(said)s» неизвестен. Напишите один из: %(allowed)s."),
)
ROW_NUMBER = Reason(
    "mechanisms.row-number",
    _("Строка %(row)s: «%(said)s» не число. Напишите число, дробную часть отделите запятой."),
)
ROW_PARENT = Reason(
    "mechanisms.row-parent",
    _(
        "Строка %(row)s: критерия с кодом «%(said)s» выше в таблице нет. Исправьте столбец «Внутри»."
    ),
)
ROW_CODE = Reason(
    "mechanisms.row-code", _("Строка %(row)s: код «%(code)s» уже был выше. Код даётся один раз.")
)
ROW_CHOICE = Reason(
    "mechanisms.row-choice",
    _("Строка %(row)s: «%(said)s» не подходит. Напишите одно из: %(allowed)s — или ничего."),
)
ROW_LONG = Reason(
    "mechanisms.row-long",
    _("Строка %(row)s: код длиннее %(limit)s знаков или пуст. Исправьте код."),
)

FIELDS = (
    "code", "kind", "title", "parent", "points", "cap", "weight", "shape", "component", "special",
    "may_not_apply", "printed_percent", "note",
)  # fmt: skip
LONGEST_CODE = 60
LARGEST = Decimal(99_999)
YES = frozenset({"да", "yes", "true", "1"})


@dataclass(frozen=True)
class CriteriaRow:
    """A row as it came: its number for people, its cells as text."""

    number: int
    cells: Mapping[str, str]

    def said(self, name: str) -> str:
        return self.cells.get(name, "").strip()


def nodes_from_rows(rows: Iterable[CriteriaRow]) -> tuple[Node, ...]:
    """The tree of the rows. Raises `Refused` with everything that is wrong in every row."""
    rows = list(rows)
    refuse(_reasons_against_rows(rows))
    below: dict[str, list[CriteriaRow]] = defaultdict(list)
    for row in rows:
        below[row.said("parent")].append(row)
    return tuple(_node(row, below) for row in below[""])


def _reasons_against_rows(rows: Sequence[CriteriaRow]) -> Iterator[Refusal]:
    source, seen = tree_source(), set[str]()
    for row in rows:
        code, number = row.said("code"), row.number
        if not 0 < len(code) <= LONGEST_CODE:
            yield ROW_LONG(source, row=number, limit=LONGEST_CODE)
        if code in seen:
            yield ROW_CODE(source, row=number, code=code)
        if (parent := row.said("parent")) and parent not in seen:
            yield ROW_PARENT(source, row=number, said=parent)
        seen.add(code)
        if (kind := row.said("kind")) not in set(Kind):
            yield ROW_KIND(source, row=number, said=kind, allowed=list(Kind))
        for name in ("points", "cap", "weight", "printed_percent"):
            if row.said(name) and number_of(row.said(name)) is None:
                yield ROW_NUMBER(source, row=number, said=row.said(name))
        for name, allowed in (("shape", Shape), ("component", Component)):
            if row.said(name) and row.said(name) not in set(allowed):
                yield ROW_CHOICE(source, row=number, said=row.said(name), allowed=list(allowed))
        if wrong := [one for one in _special(row) if one not in set(Special)]:
            yield ROW_CHOICE(source, row=number, said=wrong, allowed=list(Special))


def number_of(said: str) -> Decimal | None:
    """A number as people write it, with a comma or a point; None where it is not one."""
    try:
        number = Decimal(said.replace(",", ".").replace("\xa0", "").replace(" ", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= LARGEST else None


def _special(row: CriteriaRow) -> list[str]:
    return [one.strip() for one in row.said("special").split(",") if one.strip()]


def _node(row: CriteriaRow, below: Mapping[str, list[CriteriaRow]]) -> Node:
    shape, component = row.said("shape"), row.said("component")
    return Node(
        code=row.said("code"),
        kind=Kind(row.said("kind")),
        title=" ".join(row.said("title").split()),
        points=number_of(row.said("points")),
        cap=number_of(row.said("cap")),
        weight=number_of(row.said("weight") or "1") or Decimal(0),
        shape=Shape(shape) if shape else None,
        component=Component(component) if component else None,
        special=frozenset(_special(row)),
        may_not_apply=row.said("may_not_apply").lower() in YES,
        printed_percent=number_of(row.said("printed_percent")),
        note=" ".join(row.said("note").split()),
        children=tuple(_node(child, below) for child in below.get(row.said("code"), ())),
    )


def rows_of(roots: Iterable[Node], parent: str = "") -> Iterator[dict[str, Any]]:
    """The same rows again: what is read back is the same tree."""
    for node in roots:
        yield {
            "code": node.code,
            "kind": str(node.kind),
            "title": node.title,
            "parent": parent,
            "points": written(node.points),
            "cap": written(node.cap),
            "weight": "" if node.weight == 1 else written(node.weight),
            "shape": str(node.shape or ""),
            "component": str(node.component or ""),
            "special": ", ".join(sorted(node.special)),
            "may_not_apply": "да" if node.may_not_apply else "",
            "printed_percent": written(node.printed_percent),
            "note": node.note,
        }
        yield from rows_of(node.children, node.code)


def written(number: Decimal | None) -> str:
    """A number without needless noughts: 25, 12,5 as 12.5."""
    if number is None:
        return ""
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def edition_from_data(data: Mapping[str, Any], *, source: str) -> Edition:
    """An edition from a file of the law folder, whose criteria stand one inside the other."""
    return Edition(
        code=data["code"],
        year=data["year"],
        title=data["title"],
        roots=nodes_from_rows(
            CriteriaRow(number, cells)
            for number, cells in enumerate(_flat(data["criteria"], ""), start=1)
        ),
        renormalisation=Renormalisation(data["renormalisation"]),
        federal=True,
        source=source,
        note=" ".join(data.get("note", "").split()),
    )


def _flat(criteria: Iterable[Mapping[str, Any]], parent: str) -> Iterator[dict[str, str]]:
    for one in criteria:
        cells = {name: str(one[name]) for name in FIELDS if name in one}
        cells["special"] = ",".join(one.get("special", ()))
        yield cells | {"parent": parent}
        yield from _flat(one.get("children", ()), str(one["code"]))
