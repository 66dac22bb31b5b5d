"""Criteria go out as rows and as IMS CASE and come back the same; wrong files are told where."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mechanisms.builders_mechanisms import federal, region
from merilo.law import Refused
from merilo.mechanisms.rules.case_exchange import as_case, from_case
from merilo.mechanisms.rules.exchange import CriteriaRow, nodes_from_rows, rows_of, written
from merilo.mechanisms.rules.tree import Renormalisation

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
EDITIONS = [federal(2021), federal(2022), region(Renormalisation.WITHIN_PARENT)]


def read(rows):
    return nodes_from_rows(CriteriaRow(n, row) for n, row in enumerate(rows, start=2))


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda one: one.code)
def test_rows_are_the_whole_tree(edition):
    assert read(rows_of(edition.roots)) == edition.roots


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda one: one.code)
def test_a_case_package_is_the_whole_edition(edition):
    package = json.loads(json.dumps(as_case(edition, changed_at=NOW)))
    back = from_case(package, code=edition.code, year=edition.year)
    assert back == replace(edition, federal=False)
    assert package == as_case(edition, changed_at=NOW), "the same tree, the same identifiers"


def test_every_association_of_a_package_leads_somewhere():
    package = as_case(region(), changed_at=NOW)
    known = {one["identifier"] for one in package["CFItems"]}
    known.add(package["CFDocument"]["identifier"])
    ends = [a[e]["identifier"] for a in package["CFAssociations"]
            for e in ("originNodeURI", "destinationNodeURI")]  # fmt: skip
    assert set(ends) == known
    assert len({one["identifier"] for one in package["CFAssociations"]}) == len(package["CFItems"])


def row(**cells):
    return {"code": "1", "kind": "position", "title": "Позиция"} | cells


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([row(code="")], "row-long"),
        ([row(code="1" * 61)], "row-long"),
        ([row(), row()], "row-code"),
        ([row(parent="7")], "row-parent"),
        ([row(kind="глава")], "row-kind"),
        ([row(points="пять")], "row-number"),
        ([row(points="NaN")], "row-number"),
        ([row(cap="1e99")], "row-number"),
        ([row(shape="C")], "row-choice"),
        ([row(component="x")], "row-choice"),
        ([row(special="R4, R9")], "row-choice"),
    ],
)
def test_a_wrong_row_is_named_by_its_number(rows, code):
    with pytest.raises(Refused) as refused:
        read(rows)
    assert [one.code for one in refused.value.refusals] == [f"mechanisms.{code}"]
    assert f"Строка {len(rows) + 1}" in refused.value.refusals[0].sentence()


def test_numbers_are_read_as_people_write_them():
    (node,) = read([row(points="12,5", weight="2", may_not_apply="Да", special="R4, D6")])
    assert (node.points, node.weight, node.may_not_apply) == (Decimal("12.5"), 2, True)
    assert node.special == {"R4", "D6"}
    assert written(Decimal("12.50")) == "12.5" and written(Decimal(10)) == "10"


def test_a_weight_of_nought_is_kept_for_the_rule_to_refuse():
    (node,) = read([row(weight="0")])
    assert node.weight == 0


PIECES = {"CFDocument": {"title": "Т"}, "CFItems": [], "CFAssociations": []}


@pytest.mark.parametrize(
    "package",
    [
        [], {}, {**PIECES, "CFDocument": 1}, {**PIECES, "CFItems": {}}, {**PIECES, "CFItems": [1]},
        {**PIECES, "CFAssociations": [{}]}, "CFDocument",
    ],
)  # fmt: skip
def test_what_is_not_a_case_package_is_refused(package):
    with pytest.raises(Refused) as refused:
        from_case(package, code="x", year=2026)
    assert refused.value.refusals[0].code == "mechanisms.not-case"


def test_a_stranger_s_package_is_read_without_our_extensions():
    def item(name, **more):
        return {"identifier": name, "fullStatement": name, "CFItemType": "track"} | more

    def under(child, over, **more):
        return {"associationType": "isChildOf", "originNodeURI": {"identifier": child},
                "destinationNodeURI": {"identifier": over}} | more  # fmt: skip

    package = {
        "CFDocument": {"identifier": "doc", "title": "Чужой", "extensions": 5},
        "CFItems": [item("a", humanCodingScheme="A"), item("b", CFItemType="position"), item("c")],
        "CFAssociations": [
            under("b", "a"), under("a", "doc", sequenceNumber=1), under("a", "b"),
            under("gone", "doc"), {**under("c", "doc"), "associationType": "isRelatedTo"},
        ],
    }  # fmt: skip
    edition = from_case(package, code="x", year=2026)
    assert [node.code for node in edition.walk()] == ["A", "b"]
    assert edition.renormalisation is Renormalisation.NONE
