"""Write a tree of criteria into its tables."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from merilo import law
from merilo.mechanisms.models import CriteriaEdition, CriteriaMatch, Criterion
from merilo.mechanisms.queries.criteria import edition_of, shipped
from merilo.mechanisms.rules.exchange import rows_of
from merilo.mechanisms.rules.states import EditionState
from merilo.mechanisms.rules.tree import Edition, Node
from merilo.registry.access import Viewer
from merilo.registry.steps import in_transaction


def write_edition(edition: Edition, *, actor: Viewer, now: datetime) -> CriteriaEdition:
    """A new draft with the whole tree."""
    in_transaction()
    row = CriteriaEdition.objects.create(
        code=edition.code,
        title=edition.title[:300],
        year=edition.year,
        federal=edition.federal,
        source=edition.source[:300],
        note=edition.note,
        renormalisation=edition.renormalisation,
        state=EditionState.DRAFT,
        created_at=now,
        created_by_id=actor.account_id,
    )
    parents: dict[str, Criterion] = {}
    for seq, node in enumerate(edition.walk(), start=1):
        over = edition.parent_of[node.code]
        parents[node.code] = _write(row, node, seq, parents[over.code] if over else None)
    return row


def _write(row: CriteriaEdition, node: Node, seq: int, parent: Criterion | None) -> Criterion:
    return Criterion.objects.create(
        edition=row,
        parent=parent,
        seq=seq,
        kind=node.kind,
        code=node.code,
        title=node.title,
        points=node.points,
        cap=node.cap,
        weight=node.weight,
        shape=node.shape or "",
        component=node.component or "",
        special=sorted(node.special),
        may_not_apply=node.may_not_apply,
        printed_percent=node.printed_percent,
        note=node.note,
    )


def freeze(row: CriteriaEdition, *, now: datetime) -> None:
    """From here on nothing in it changes; its fingerprint says what it was."""
    in_transaction()
    if row.state == EditionState.FROZEN:
        return
    row.state, row.frozen_at = EditionState.FROZEN, now
    row.sha256 = fingerprint(edition_of(row))
    row.save(update_fields=["state", "frozen_at", "sha256"])


def fingerprint(edition: Edition) -> str:
    told = [str(edition.renormalisation), list(rows_of(edition.roots))]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def keep_archive(*, actor: Viewer, now: datetime) -> dict[str, CriteriaEdition]:
    """The federal editions and the mapping between them as rows, written once."""
    in_transaction()
    kept = {}
    for edition in shipped():
        row = CriteriaEdition.objects.filter(code=edition.code).first()
        if row is None:
            row = write_edition(edition, actor=actor, now=now)
            freeze(row, now=now)
        kept[edition.code] = row
    for match in law.shipped_matches():
        earlier, later = kept[match["earlier"]], kept[match["later"]]
        for one in match["matches"]:
            CriteriaMatch.objects.get_or_create(
                earlier_edition=earlier,
                later_edition=later,
                earlier=_named(earlier, one["earlier"]),
                later=_named(later, one["later"]),
                defaults={"note": one.get("note", "")},
            )
    return kept


def _named(edition: CriteriaEdition, code: str | None) -> Criterion | None:
    return None if code is None else edition.criteria.get(code=code)
