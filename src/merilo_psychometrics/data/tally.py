"""Running counts: booklets are found on the way, tables grow when a new one or a higher score comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.design import HIGHEST_SCORE
from merilo_psychometrics.errors import UntreatedOmissions
from merilo_psychometrics.patterns import KEYS
from merilo_psychometrics.responses import NOT_REACHED, OMITTED, Decision

from .columns import count_columns
from .kernels import (
    ABSENT,
    GONE,
    GONE_KEYS,
    KNOWN,
    LABEL_KEY,
    NEW_ITEM,
    NEW_SLOT,
    NEW_TOP,
    OUTSIDE,
    TWICE,
    put_slot,
)
from .works import count_works

Place = tuple[int, int]


@dataclass(frozen=True)
class Treatment:
    """What is decided about gaps, and whether a column names the booklets."""

    omitted: Decision | None
    not_reached: Decision | None
    labelled: bool

    @property
    def decided(self) -> bool:
        """Say whether a gap has a meaning."""
        return self.omitted is not None and self.not_reached is not None

    @property
    def fills(self) -> bool:
        """Say whether an item of the booklet without a response counts as wrong."""
        return self.labelled and self.decided and self.omitted == "wrong"

    def code(self, gap: int) -> int:
        """What a kernel sees instead of OMITTED or NOT_REACHED."""
        decision = {OMITTED: self.omitted, NOT_REACHED: self.not_reached}[gap]
        if not self.decided:
            return GONE
        if decision == "wrong":
            return 0
        return GONE if self.fills else ABSENT


@dataclass(eq=False)
class Slot:
    """A label with the items that count; `first` is (batch, row) of its first work."""

    label: int
    items: NDArray[np.int64]
    gone: NDArray[np.int64]
    first: Place
    tops: NDArray[np.int64]
    base: int = 0

    @property
    def width(self) -> int:
        """Cells of a row: works, the scores of every item, what is not counted."""
        return 2 + int(self.tops.sum())

    @property
    def size(self) -> int:
        """Cells in all."""
        return (int(self.tops.sum()) + 1) * self.width


@dataclass(eq=False)
class Tally:
    """Counts of some batches. One thread adds to it at a time."""

    treatment: Treatment
    weighted: bool
    top_of: Callable[[str], int]
    names: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._item: dict[str, int] = {}
        self._label: dict[str, int] = {}
        self._tops = np.ones(64, dtype=np.int64)
        self._held = np.zeros((1, 64), dtype=np.bool_)
        self._held_keys = np.zeros(1, dtype=np.int64)
        self._counts = np.zeros(4096, dtype=np.float64 if self.weighted else np.int64)
        self._used = 0
        self._arrange()
        if not self.treatment.labelled:
            self.label("")

    # --- names ------------------------------------------------------------------------------

    def item(self, name: str) -> int:
        """The number of an item, a new one if need be."""
        number = self._item.get(name)
        if number is None:
            number = self._item[name] = len(self.names)
            if number >= len(KEYS):
                raise ValueError("more items than keys")
            self.names.append(name)
            if number >= len(self._tops):
                self._tops = np.append(self._tops, np.ones_like(self._tops))
                self._held = np.hstack([self._held, np.zeros_like(self._held)])
                self._arrange()
            self._tops[number] = self.top_of(name)
        return number

    def label(self, name: str) -> int:
        """The number of a label."""
        number = self._label.get(name)
        if number is None:
            number = self._label[name] = len(self.labels)
            self.labels.append(name)
            if number >= len(self._held):
                self._held = np.vstack([self._held, np.zeros_like(self._held)])
                self._held_keys = np.append(self._held_keys, np.zeros_like(self._held_keys))
        return number

    # --- adding -----------------------------------------------------------------------------

    def add_columns(
        self,
        batch: int,
        columns: Sequence[NDArray[np.int8]],
        labels: NDArray[np.int64],
        weights: NDArray[Any],
        refuse: Callable[[], object] | None = None,
    ) -> None:
        """Add rows of a wide table; column n is item n, its cells as the kernels see them.

        With `refuse` the cells are as they were found; it raises the error of what is no score.
        """
        addresses = np.array(
            [column.__array_interface__["data"][0] for column in columns], dtype=np.uint64
        )
        rows, row = len(columns[0]), 0
        while True:
            reason, row, item = count_columns(
                addresses, row, rows, refuse is None, labels, weights, KEYS, GONE_KEYS,
                self._prints, self._at, self._base, self._width, self._simple, self._tops,
                self._begin, self._items, self._place, self._held, self._counts, LABEL_KEY,
            )  # fmt: skip
            if reason == KNOWN:
                return
            if reason == NEW_TOP:
                # All at once: every start of the pass looks at its first tile anew.
                found = np.array([column.max() for column in columns], dtype=np.int64)
                self._raise_tops(np.minimum(found, HIGHEST_SCORE))
            elif reason == OUTSIDE:
                _refused(refuse)
            else:
                cells = np.array([column[row] for column in columns])
                label = int(labels[row if len(labels) > 1 else 0])
                self._enter(
                    label, np.flatnonzero(cells >= 0), np.flatnonzero(cells == GONE), (batch, row)
                )

    def add_works(
        self,
        batch: int,
        starts: NDArray[np.int64],
        numbers: NDArray[Any],
        codes: ItemNumbers,
        scores: NDArray[np.int8],
        labels: NDArray[np.int64],
        weights: NDArray[Any],
        twice: Callable[[int], Exception],
        refuse: Callable[[], object] | None = None,
    ) -> None:
        """Add works of a long table; `twice` makes the error of a row met twice.

        With `refuse` the scores are as they were found; it raises the error of what is no score.
        """
        work = 0
        while True:
            reason, work, row = count_works(
                starts, work, numbers, codes.lowest, codes.table, scores, refuse is None, labels,
                weights, KEYS, GONE_KEYS, self._prints, self._at, self._base, self._width,
                self._simple, self._tops, self._place, self._held, self._held_keys,
                self._counts, LABEL_KEY,
            )  # fmt: skip
            if reason == KNOWN:
                return
            if reason == NEW_ITEM:
                codes.learn(int(numbers[row]), self)
            elif reason == NEW_TOP:
                found = np.zeros(len(self.names), dtype=np.int64)
                found[codes.of(numbers[row])] = scores[row]
                self._raise_tops(found)
            elif reason == TWICE:
                raise twice(int(row))
            elif reason == OUTSIDE:
                _refused(refuse)
            elif reason == NEW_SLOT:
                rows = slice(int(starts[work]), int(starts[work + 1]))
                items = codes.of(numbers[rows])
                given, gone = items[scores[rows] >= 0], items[scores[rows] == GONE]
                label = int(labels[work if len(labels) > 1 else 0])
                self._enter(label, np.unique(given), np.unique(gone), (batch, int(row)))

    def _enter(self, label: int, given: NDArray[Any], gone: NDArray[Any], first: Place) -> None:
        """Make a slot for a work nobody's work was like before."""
        held = self._held[label]
        if self.treatment.fills:
            held[given] = held[gone] = True
            with np.errstate(over="ignore"):
                self._held_keys[label] = KEYS[np.flatnonzero(held)].sum()
            filled = held[: len(self.names)].copy()
            filled[gone] = False
            given = np.flatnonzero(filled)
        elif not self.treatment.decided:
            self._require_no_gap(label, given, gone)
        slot = Slot(label, given, gone, first, self._tops[given].copy(), self._used)
        self._used += slot.size
        if self._used > len(self._counts):
            grown = np.zeros(max(self._used, 2 * len(self._counts)), dtype=self._counts.dtype)
            grown[: slot.base] = self._counts[: slot.base]
            self._counts = grown
        self.slots.append(slot)
        if len(self.slots) > self._room:
            self._arrange()
        else:
            self._lay(len(self.slots) - 1)

    def _require_no_gap(self, label: int, given: NDArray[Any], gone: NDArray[Any]) -> None:
        """Refuse at once: works with gaps would make booklets without end."""
        before = next(
            (slot for slot in self.slots if slot.label == label and len(slot.items)), None
        )
        differs = (
            self.treatment.labelled
            and before is not None
            and not np.array_equal(before.items, given)
        )
        if len(gone) or differs:
            name = self.labels[label] if self.treatment.labelled else str(len(self.slots) + 1)
            raise UntreatedOmissions("count", [name])

    def _raise_tops(self, found: NDArray[np.int64]) -> None:
        """Make room for the scores `found`, the highest of every item."""
        higher = found > self._tops[: len(found)]
        self._tops[: len(found)][higher] = found[higher]
        before = self._counts
        moved = [
            (slot, slot.base, Slot(**vars(slot)))
            for slot in self.slots
            if (slot.tops < self._tops[slot.items]).any()
        ]
        if not moved:
            return
        pieces = {id(slot): self._table(old) for slot, _, old in moved}
        kept = {id(slot): self._table(slot) for slot in self.slots if id(slot) not in pieces}
        self._used = 0
        for slot in self.slots:
            slot.tops = self._tops[slot.items].copy()
            slot.base, self._used = self._used, self._used + slot.size
        self._counts = np.zeros(max(self._used, len(before)), dtype=before.dtype)
        for slot in self.slots:
            if id(slot) in kept:
                self._table(slot)[:] = kept[id(slot)]
        for slot, _, old in moved:
            source, into = pieces[id(slot)], self._table(slot)
            height = len(source)
            into[:height, 0] = source[:, 0]
            at, new = 1, 1
            for low, high in zip(old.tops.tolist(), slot.tops.tolist(), strict=True):
                into[:height, new : new + low] = source[:, at : at + low]
                at, new = at + low, new + high
        self._arrange()

    def _table(self, slot: Slot) -> NDArray[Any]:
        whole: NDArray[Any] = self._counts[slot.base : slot.base + slot.size].reshape(
            -1, slot.width
        )
        return whole

    # --- arrays for the kernels ---------------------------------------------------------------

    def _arrange(self) -> None:
        """Lay out all slots, with room for as many again."""
        self._room = max(16, 2 * len(self.slots))
        self._prints = np.zeros(4 * 2 ** int(np.ceil(np.log2(self._room))), dtype=np.int64)
        self._at = np.full(len(self._prints), -1, dtype=np.int32)
        self._base = np.zeros(self._room, dtype=np.int64)
        self._width = np.zeros(self._room, dtype=np.int64)
        self._simple = np.zeros(self._room, dtype=np.bool_)
        self._begin = np.zeros(self._room + 1, dtype=np.int64)
        self._items = np.zeros(64, dtype=np.int64)
        self._place = np.full((self._room, len(self._tops)), -1, dtype=np.int64)
        for number in range(len(self.slots)):
            self._lay(number)

    def _lay(self, number: int) -> None:
        slot = self.slots[number]
        begin = int(self._begin[number])
        end = begin + len(slot.items)
        if end > len(self._items):
            self._items = np.append(self._items, np.zeros(max(end, len(self._items)), np.int64))
        self._items[begin:end] = slot.items
        self._begin[number + 1] = end
        self._base[number], self._width[number] = slot.base, slot.width
        self._simple[number] = bool((slot.tops == 1).all())
        self._place[number, slot.items] = np.cumsum(slot.tops) - slot.tops
        with np.errstate(over="ignore"):
            print_ = (
                np.int64(slot.label) * np.int64(LABEL_KEY)
                + KEYS[slot.items].sum()
                + GONE_KEYS[slot.gone].sum()
            )
        put_slot(self._prints, self._at, print_, number)

    # --- result -------------------------------------------------------------------------------

    def counted(self) -> list[Counted]:
        """The counts by names."""
        return [
            Counted(
                self.labels[slot.label],
                tuple(self.names[n] for n in slot.items),
                tuple(self.names[n] for n in slot.gone),
                dict(zip((self.names[n] for n in slot.items), slot.tops.tolist(), strict=True)),
                self._table(slot)[:, :-1],
                slot.first,
            )
            for slot in self.slots
        ]


def _refused(refuse: Callable[[], object] | None) -> None:
    assert refuse is not None
    refuse()
    raise AssertionError("a cell outside the rule was not refused")


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts of one slot by names: row t holds works and the scores 1 … top of every item."""

    label: str
    items: tuple[str, ...]
    gone: tuple[str, ...]
    tops: Mapping[str, int]
    table: NDArray[Any]
    first: Place


@dataclass(eq=False)
class ItemNumbers:
    """From the numbers in an item column to the items of a tally, by a table."""

    lowest: int = 0
    table: NDArray[np.int32] = field(default_factory=lambda: np.full(0, -1, dtype=np.int32))

    def of(self, numbers: Any) -> NDArray[np.int32]:
        """Items of the tally behind numbers, which must be known."""
        found: NDArray[np.int32] = self.table[np.asarray(numbers, dtype=np.int64) - self.lowest]
        return found

    def learn(self, number: int, tally: Tally) -> None:
        """Enter a number not met before; its name is the number."""
        if not len(self.table):
            self.lowest = number
        low, high = min(self.lowest, number), max(self.lowest + len(self.table), number + 1)
        if (low, high) != (self.lowest, self.lowest + len(self.table)):
            grown = np.full(high - low, -1, dtype=np.int32)
            at = self.lowest - low
            grown[at : at + len(self.table)] = self.table
            self.lowest, self.table = low, grown
        self.table[number - self.lowest] = tally.item(str(number))
