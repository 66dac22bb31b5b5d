"""Two years side by side: what is the same criterion, what has no counterpart, what may be said.

Points of two years are shown beside each other only with the notice that the maximum differs: the
criteria were changed, and 25 of 25 after 149 of 149 is no fall of anybody's quality.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from merilo.law import Reason, Refusal, Source
from merilo.law.refusal import _

from .tree import Edition, Node, maximum
from .worth import Share, Worth, percent, shares

Matches = Sequence[tuple[str | None, str | None]]  # (earlier, later); None is «no counterpart»

DIFFERENT_MAXIMUM = Reason(
    "mechanisms.different-maximum",
    _("%(code)s: наибольший балл изменился с %(before)s до %(after)s. Баллы двух лет напрямую не "
      "сравнивают: разница в баллах не значит, что работа стала лучше или хуже."),
    warning=True,
)  # fmt: skip
NO_EARLIER = Reason(
    "mechanisms.no-earlier-counterpart",
    _("%(code)s: в критериях %(year)s года соответствия нет."),
    warning=True,
)
NO_LATER = Reason(
    "mechanisms.no-later-counterpart",
    _("%(code)s: в критериях %(year)s года этого больше нет."),
    warning=True,
)
NOT_MAPPED = Reason(
    "mechanisms.not-mapped",
    _("%(code)s: с критериями %(year)s года не сопоставлено. Сопоставление задаёт регион."),
    warning=True,
)
JOINED = Reason(
    "mechanisms.joined",
    _("%(code)s: объединяет %(codes)s критериев %(year)s года; их баллы сложены."),
    warning=True,
)


@dataclass(frozen=True)
class Side:
    """One year of a row: its maximum, its share of the criteria, a municipality's points."""

    codes: tuple[str, ...]
    title: str
    maximum: Decimal | None
    share: Share | None  # of a single criterion; shares of joined ones are not added up
    worth: Worth | None = None

    @property
    def done(self) -> Decimal | None:
        """Points as a percent of this criterion's own maximum."""
        return self.worth.percent if self.worth else None


@dataclass(frozen=True)
class YearsRow:
    """A criterion in two years, and what has to be said before anybody subtracts."""

    depth: int
    earlier: Side | None
    later: Side | None
    notices: tuple[Refusal, ...]

    @property
    def change_of_maximum(self) -> Decimal | None:
        if self.earlier is None or self.later is None:
            return None
        before, after = self.earlier.maximum, self.later.maximum
        return None if before is None or after is None else after - before

    @property
    def is_comparable(self) -> bool:
        """Whether points may be subtracted: both are there and of one maximum."""
        return self.change_of_maximum == 0


def years_compared(
    earlier: Edition,
    later: Edition,
    matches: Matches,
    *,
    source: Source | None = None,
    worths: tuple[Mapping[str, Worth], Mapping[str, Worth]] | None = None,
) -> list[YearsRow]:
    """Every matched criterion of the later year in its order, then what was left behind."""
    before, after = worths or ({}, {})
    shares_of = [{one.node.code: one for one in shares(edition)} for edition in (earlier, later)]
    rows = []
    for node in later.walk():
        said = [one for one, other in matches if other == node.code]
        if not said and node.code not in shares_of[1]:
            continue  # a track or a position nobody spoke of: the row of its direction says enough
        codes = tuple(code for code in said if code is not None)
        side = _side(later, (node.code,), shares_of[1], after)
        behind = _side(earlier, codes, shares_of[0], before) if codes else None
        notices = _notices(node, side, behind, mapped=bool(said), year=earlier.year, source=source)
        rows.append(YearsRow(_depth(later, node.code), behind, side, tuple(notices)))
    return rows + list(_left_behind(earlier, later, matches, shares_of[0], before, source))


def _left_behind(
    earlier: Edition,
    later: Edition,
    matches: Matches,
    shares_of: Mapping[str, Share],
    worths: Mapping[str, Worth],
    source: Source | None,
) -> Iterator[YearsRow]:
    """Blocks and directions of the earlier year that lead nowhere."""
    went_on = {one for one, other in matches if other is not None}
    ended = {one for one, other in matches if other is None}
    for code in shares_of:
        if code in went_on:
            continue
        reason = NO_LATER if code in ended else NOT_MAPPED
        side = _side(earlier, (code,), shares_of, worths)
        notice = reason(source, code=code, year=later.year)
        yield YearsRow(_depth(earlier, code), side, None, (notice,))


def _side(
    edition: Edition,
    codes: Sequence[str],
    shares_of: Mapping[str, Share],
    worths: Mapping[str, Worth],
) -> Side:
    nodes = [edition.by_code[code] for code in codes]
    single = len(nodes) == 1
    return Side(
        codes=tuple(codes),
        title="; ".join(node.title for node in nodes),
        maximum=_sum(maximum(node) for node in nodes),
        share=shares_of.get(codes[0]) if single else None,
        worth=_together([worths[code] for code in codes if code in worths], len(nodes)),
    )


def _together(worths: Sequence[Worth], needed: int) -> Worth | None:
    if len(worths) != needed:
        return None
    points = sum((one.points for one in worths), Decimal(0))
    return Worth(points, _sum(one.maximum for one in worths))


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    """None where one of them is not stated: half a sum is no sum."""
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(found) else None


def _notices(
    node: Node,
    side: Side,
    behind: Side | None,
    *,
    mapped: bool,
    year: int,
    source: Source | None,
) -> Iterator[Refusal]:
    if behind is None:
        yield (NO_EARLIER if mapped else NOT_MAPPED)(source, code=node.code, year=year)
        return
    if len(behind.codes) > 1:
        yield JOINED(source, code=node.code, codes=", ".join(behind.codes), year=year)
    if behind.maximum != side.maximum and None not in (behind.maximum, side.maximum):
        yield DIFFERENT_MAXIMUM(source, code=node.code, before=behind.maximum, after=side.maximum)


def _depth(edition: Edition, code: str) -> int:
    return len(list(edition.above(code)))


def sums_of_percents(edition: Edition) -> dict[str, Decimal]:
    """What the printed percents of each block's directions add up to: 99,9 stays 99,9."""
    found: dict[str, Decimal] = {}
    for share in shares(edition):
        if share.base and share.printed is not None:
            found[share.base] = found.get(share.base, Decimal(0)) + share.printed
    return found


def whole_compared(earlier: Edition, later: Edition) -> Decimal | None:
    """The later total as a percent of the earlier one: 442 of 902 is 49,0."""
    return percent(later.total, earlier.total)
