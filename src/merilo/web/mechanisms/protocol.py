"""The protocol of an expertise put together from its table; no expert is named in it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from merilo.foundation.documents.expertise import (
    ExpertiseDirection,
    ExpertisePosition,
    ExpertiseProtocol,
    expertise_protocol_docx,
    expertise_protocol_pdf,
)
from merilo.mechanisms.queries.expertise import Table, TableRow
from merilo.mechanisms.rules.harmonisation import BASIS_WORDS, STANDING_WORDS, Basis

ARCHIVE = (
    "Составлен по региональной самооценке. Федеральная оценка муниципальных управленческих "
    "механизмов упразднена; результат в федеральные системы не передаётся."
)
UNPRICED = (
    "Звёздочкой отмечено снятие, размер которого не установлен: оно записано, но баллов не "
    "убавляет."
)

SILENT = "по сведениям муниципалитета не применимо, не оценивалось и в итог не входит."


def protocol_pdf(table: Table, *, today: date, tz: str, history: bool) -> bytes:
    return expertise_protocol_pdf(_protocol(table, today, tz, history))


def protocol_docx(table: Table, *, today: date, tz: str, history: bool) -> bytes:
    return expertise_protocol_docx(_protocol(table, today, tz, history))


def _protocol(table: Table, today: date, tz: str, history: bool) -> ExpertiseProtocol:
    """`history` adds how the experts came to one mark, for who may see their marks."""
    submission = table.submission
    by_direction: dict[int, list[TableRow]] = {}
    for row in table.rows:
        by_direction.setdefault(row.place.direction.pk, []).append(row)
    first = Counter(one.direction_id for one in table.appointments if not one.third)
    unpriced = any(row.settled and row.settled.unpriced for row in table.rows)
    counts = sorted(set(first.values()))
    return ExpertiseProtocol(
        region=submission.cycle.region.name,
        municipality=submission.organisation.name,
        cycle=submission.cycle.title,
        criteria=submission.cycle.edition.title,
        state=submission.state_name,
        experts=", ".join(str(one) for one in counts) or "—",
        total=_total(table.rows),
        made_on=today,
        directions=tuple(
            ExpertiseDirection(
                code=rows[0].place.direction.code,
                title=rows[0].place.direction.title,
                positions=tuple(_position(row) for row in rows),
                total=_total(rows),
                history=tuple(line for row in rows for line in _history(row, table, tz))
                if history
                else (),
            )
            for rows in by_direction.values()
        ),
        notes=(*map(_silent, table.silent), *((ARCHIVE, UNPRICED) if unpriced else (ARCHIVE,))),
    )


def _position(row: TableRow) -> ExpertisePosition:
    settled = row.settled
    return ExpertisePosition(
        code=row.code,
        title=row.place.position.title,
        most=_number(row.facts.most),
        points=_number(settled.points) if settled else "—",
        deductions=", ".join(
            f"{code}*" if code in settled.unpriced else code for code in settled.deductions
        )
        if settled
        else "",
        net=_number(settled.net) if settled and settled.net is not None else "—",
        basis=BASIS_WORDS[Basis(settled.basis)]
        if settled
        else STANDING_WORDS[row.compared.standing],
    )


def _silent(told: Any) -> str:
    """Who reads the protocol sees why a position has no mark."""
    said = f"{told.criterion.code} «{told.criterion.title}»: {SILENT}"
    return f"{said} Причина: {told.reason}" if told.reason else said


def _history(row: TableRow, table: Table, tz: str) -> list[str]:
    """Every proposal of the harmonisation in its order; experts are numbered, not named."""
    order = [one.pk for one in table.experts_of(row.place.direction.pk)]
    lines = []
    for mark in row.proposals:
        at = mark.saved_at.astimezone(ZoneInfo(tz))
        grounds = f", снятие {', '.join(mark.grounds)}" if mark.grounds else ""
        stands = " (действует)" if mark in row.harmonised else ""
        lines.append(
            f"{row.code}, {at:%d.%m.%Y %H:%M}, эксперт {order.index(mark.appointment_id) + 1}: "
            f"{_number(mark.points)}{grounds}{stands}"
        )
    return lines


def _total(rows: Any) -> str:
    """The sum of what stands; a direction with an open position has none."""
    most = sum((row.facts.most for row in rows), Decimal(0))
    nets = [row.settled.net if row.settled else None for row in rows]
    if any(one is None for one in nets):
        return f"не подведена, наибольшая {_number(most)}"
    return f"{_number(sum(nets, Decimal(0)))} из {_number(most)}"


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")
