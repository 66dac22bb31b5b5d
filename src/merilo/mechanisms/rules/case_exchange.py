"""Criteria as an IMS Global / 1EdTech CASE 1.0 package, and back.

Fields CASE has keep their CASE meaning: the code is `humanCodingScheme`, the title
`fullStatement`, the kind `CFItemType`, nesting an `isChildOf` association. What CASE has no field
for (points, weights, the shape of a track) stands under `extensions.merilo`, so a stranger's reader
loses nothing it could understand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from merilo.law import Reason, refuse
from merilo.law.refusal import _

from .exchange import FIELDS, CriteriaRow, nodes_from_rows, rows_of
from .tree import Edition, Renormalisation, tree_source

NOT_CASE = Reason(
    "mechanisms.not-case",
    _("Файл не похож на пакет IMS CASE: нужны CFDocument, CFItems и CFAssociations."),
)
HOME = "urn:merilo:criteria:"
OWN = tuple(name for name in FIELDS if name not in ("code", "kind", "title", "parent", "note"))


def _uuid(*parts: str) -> str:
    return str(uuid5(NAMESPACE_URL, HOME + ":".join(parts)))


def as_case(edition: Edition, *, changed_at: datetime) -> dict[str, Any]:
    """The edition as a CASE package: the same tree gives the same identifiers."""
    stamp = f"{changed_at:%Y-%m-%dT%H:%M:%SZ}"
    document = _uuid(edition.code)
    told = {"identifier": document, "title": edition.title, "uri": HOME + edition.code}
    items, associations = [], []
    for number, row in enumerate(rows_of(edition.roots), start=1):
        code, own = row["code"], _uuid(edition.code, row["code"])
        items.append(
            {
                "identifier": own,
                "uri": f"{HOME}{edition.code}:{code}",
                "CFDocumentURI": told,
                "humanCodingScheme": code,
                "fullStatement": row["title"],
                "CFItemType": row["kind"],
                "language": "ru",
                "listEnumeration": str(number),
                "lastChangeDateTime": stamp,
                **({"notes": row["note"]} if row["note"] else {}),
                "extensions": {"merilo": {name: row[name] for name in OWN if row[name]}},
            }
        )
        over = row["parent"]
        associations.append(
            {
                "identifier": _uuid(edition.code, code, "isChildOf"),
                "uri": f"{HOME}{edition.code}:{code}:isChildOf",
                "CFDocumentURI": told,
                "sequenceNumber": number,
                "associationType": "isChildOf",
                "originNodeURI": _named(code, own, edition.code),
                "destinationNodeURI": _named(over, _uuid(edition.code, over), edition.code)
                if over
                else told,
                "lastChangeDateTime": stamp,
            }
        )
    return {
        "CFDocument": {
            "identifier": document,
            "uri": HOME + edition.code,
            "creator": "Мерило",
            "title": edition.title,
            "officialSourceURL": "",
            "language": "ru",
            "adoptionStatus": "Implemented",
            "lastChangeDateTime": stamp,
            "notes": edition.note,
            "extensions": {
                "merilo": {
                    "code": edition.code,
                    "year": edition.year,
                    "source": edition.source,
                    "renormalisation": str(edition.renormalisation),
                }
            },
        },
        "CFItems": items,
        "CFAssociations": associations,
    }


def _named(code: str, identifier: str, edition: str) -> dict[str, str]:
    return {"title": code, "identifier": identifier, "uri": f"{HOME}{edition}:{code}"}


def from_case(package: Any, *, code: str, year: int) -> Edition:
    """The edition of a CASE package under the code and year given. Raises `Refused`."""
    refuse([] if _looks_like_case(package) else [NOT_CASE(tree_source())])
    document = package["CFDocument"]
    own = _own(document)
    rule = own.get("renormalisation", "")
    return Edition(
        code=code,
        year=year,
        title=str(document.get("title", ""))[:300],
        roots=nodes_from_rows(_rows(package)),
        renormalisation=Renormalisation(rule if rule in set(Renormalisation) else "none"),
        source=str(own.get("source", ""))[:300],
        note=str(document.get("notes") or ""),
    )


def _looks_like_case(package: Any) -> bool:
    if not isinstance(package, dict) or not isinstance(package.get("CFDocument"), dict):
        return False
    lists = (package.get("CFItems"), package.get("CFAssociations"))
    if not all(isinstance(one, list) and all(isinstance(x, dict) for x in one) for one in lists):
        return False
    ends = ("originNodeURI", "destinationNodeURI")
    return all(isinstance(one.get(end), dict) for one in package["CFAssociations"] for end in ends)


def _own(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    extensions = holder.get("extensions")
    own = extensions.get("merilo") if isinstance(extensions, dict) else None
    return own if isinstance(own, dict) else {}


def _rows(package: Mapping[str, Any]) -> Iterator[CriteriaRow]:
    """Items in the order of their associations, each under the code of the item above it."""
    items = {str(item.get("identifier")): item for item in package["CFItems"]}
    children: dict[str, list[tuple[float, str]]] = {}
    for one in package["CFAssociations"]:
        if one.get("associationType") != "isChildOf":
            continue
        place = one.get("sequenceNumber")
        over = str(one["destinationNodeURI"].get("identifier"))
        child = str(one["originNodeURI"].get("identifier"))
        number = float(place) if isinstance(place, int | float) else 0.0
        children.setdefault(over, []).append((number, child))
    tops = [over for over in children if over not in items]
    count, seen = 0, set[str]()
    waiting = [(child, "") for over in tops for _n, child in sorted(children[over], reverse=True)]
    while waiting:
        identifier, over_code = waiting.pop()
        if identifier in seen or identifier not in items:
            continue  # an item that is its own ancestor is met once
        seen.add(identifier)
        item, count = items[identifier], count + 1
        code = str(item.get("humanCodingScheme") or item.get("identifier"))
        yield CriteriaRow(
            count,
            {name: str(said) for name, said in _own(item).items() if name in OWN}
            | {
                "code": code,
                "kind": str(item.get("CFItemType", "")),
                "title": str(item.get("fullStatement", "")),
                "parent": over_code,
                "note": str(item.get("notes") or ""),
            },
        )
        waiting += [
            (child, code) for _n, child in sorted(children.get(identifier, []), reverse=True)
        ]
