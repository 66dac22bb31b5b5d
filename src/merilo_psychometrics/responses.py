"""Responses in memory: one dense block of scores a booklet, and what is decided about gaps in it.

Scores are int8. Inside a block every response is a score (0 and up), OMITTED (seen and skipped) or
NOT_REACHED (after the last answer); what was not given is not in the block at all. A row is one
work: a person who sat two booklets has a row in two blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import patterns
from .design import Booklet, Design, Item, require_distinct
from .errors import BadData, ScoreOutsideRule, UntreatedOmissions, WrongSettings
from .provenance import digest

NOT_ADMINISTERED = -1
OMITTED = -2
NOT_REACHED = -3

Decision = Literal["wrong", "missing"]


@dataclass(frozen=True, eq=False)
class Block:
    """The works written on one booklet.

    `scores` [works, items of the booklet], int8, C order. `persons` [works] are names or numbers.
    `weights` [works] is None when everybody counts once. `groups` maps the name of a grouping
    (class, school, sex) to a code for every work, an index into `Responses.groups`; -1 is unknown.
    `chosen` [works, items], int16, is the index of the answer in `Item.responses` where known.
    """

    scores: NDArray[np.int8]
    persons: NDArray[Any]
    weights: NDArray[np.float64] | None = None
    groups: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)
    chosen: NDArray[np.int16] | None = None

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, rows: NDArray[Any] | slice, columns: NDArray[Any] | None = None) -> Block:
        """Return some works and some items of the block."""
        scores = self.scores[rows]
        chosen = None if self.chosen is None else self.chosen[rows]
        if columns is not None:
            scores = np.ascontiguousarray(scores[:, columns])
            chosen = None if chosen is None else np.ascontiguousarray(chosen[:, columns])
        return Block(
            scores,
            self.persons[rows],
            None if self.weights is None else self.weights[rows],
            {name: codes[rows] for name, codes in self.groups.items()},
            chosen,
        )


@dataclass(frozen=True, eq=False)
class Responses:
    """All works of a measurement: `blocks[b]` was written on `design.booklets[b]`.

    `groups` gives the names behind the group codes of the blocks.
    """

    design: Design
    blocks: tuple[Block, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", MappingProxyType(dict(self.groups)))
        if len(self.blocks) != len(self.design.booklets):
            raise WrongSettings(
                f"Вариантов {len(self.design.booklets)}, а блоков ответов {len(self.blocks)}.",
                f"{len(self.design.booklets)} booklets but {len(self.blocks)} blocks.",
            )

    @property
    def works(self) -> int:
        """How many works there are (a person who sat two booklets counts twice)."""
        return sum(len(block) for block in self.blocks)

    @property
    def answers(self) -> int:
        """How many responses there are, the omitted ones among them."""
        return sum(block.scores.size for block in self.blocks)

    @cached_property
    def data_hash(self) -> str:
        """SHA-256 of items, booklets and every response; the order of the works counts."""
        parts: list[object] = [[item.id, list(item.scores)] for item in self.design.items]
        for booklet, block in zip(self.design.booklets, self.blocks, strict=True):
            parts += [booklet.id, booklet.items, block.scores]
            parts += [] if block.weights is None else [block.weights]
        return digest(parts)

    # --- omissions -------------------------------------------------------------------------

    def untreated(self) -> tuple[str, ...]:
        """Name the booklets that hold omitted or not reached responses."""
        held = zip(self.design.booklets, self.blocks, strict=True)
        return tuple(booklet.id for booklet, block in held if patterns.any_negative(block.scores))

    def require_treated(self, verb: str) -> None:
        """Raise `UntreatedOmissions` when a decision about omissions is still open."""
        booklets = self.untreated()
        if booklets:
            raise UntreatedOmissions(verb, booklets)

    def treat(self, *, omitted: Decision, not_reached: Decision) -> Responses:
        """Decide what an omitted and a not reached response means.

        "wrong": no points; "missing": as if it had not been given, so the work moves to a booklet
        of the items that count, named like `A~2`. There is no default: the order of the procedure
        decides, not the engine.
        """
        if not self.untreated():
            return self
        booklets: list[Booklet] = []
        blocks: list[Block] = []
        wrong = [code for code, decision in ((OMITTED, omitted), (NOT_REACHED, not_reached))
                 if decision == "wrong"]  # fmt: skip
        for booklet, block in zip(self.design.booklets, self.blocks, strict=True):
            scores = block.scores.copy()
            for code in wrong:
                scores[scores == code] = 0
            block = replace(block, scores=scores)
            for n, (rows, columns) in enumerate(patterns.split(scores >= 0), 1):
                if not len(columns):
                    continue
                whole = len(columns) == len(booklet.items)
                if booklet.stages and not whole:
                    raise WrongSettings(
                        f"В многоэтапном варианте {booklet.id} пропуск нельзя считать "
                        "непредъявленным: маршрут зависел от балла. Считайте его неверным ответом.",
                        f"An omission in multi-stage booklet {booklet.id} cannot be missing.",
                        booklets=[booklet.id],
                    )
                name = booklet.id if whole else f"{booklet.id}~{n}"
                stages = booklet.stages if whole else ()
                booklets.append(Booklet(name, booklet.items[columns], stages))
                blocks.append(block.take(rows, columns))
        return Responses(Design(self.design.items, tuple(booklets)), tuple(blocks), self.groups)

    def mark_not_reached(self, *, keep_first: bool = True) -> Responses:
        """Turn the omissions at the end of a work into NOT_REACHED.

        With `keep_first` the first of them stays omitted: the person stopped there after reading
        it (the usage of PISA and TIMSS). Items must stand in the order they were given.
        """
        marked = (
            replace(
                block, scores=patterns.mark_tail(block.scores, OMITTED, NOT_REACHED, keep_first)
            )
            for block in self.blocks
        )
        return replace(self, blocks=tuple(marked))

    # --- choosing --------------------------------------------------------------------------

    def without_items(self, names: Iterable[str]) -> Responses:
        """Leave items out; works with nothing left are left out too."""
        dropped = set(self.design.positions(names).tolist())
        kept = [n for n in range(len(self.design.items)) if n not in dropped]
        return self.only_items(self.design.items[n].id for n in kept)

    def only_items(self, names: Iterable[str]) -> Responses:
        """Keep these items, in this order, and the works that hold any of them."""
        chosen = self.design.positions(names)
        place = np.full(len(self.design.items), -1, dtype=np.int32)
        place[chosen] = np.arange(len(chosen), dtype=np.int32)
        booklets, blocks = [], []
        for booklet, block in zip(self.design.booklets, self.blocks, strict=True):
            columns = np.flatnonzero(place[booklet.items] >= 0)
            if not len(columns):
                continue
            whole = len(columns) == len(booklet.items)
            if booklet.stages and not whole:
                raise WrongSettings(
                    f"Из многоэтапного варианта {booklet.id} нельзя убрать задание: "
                    "по нему выбирали следующий этап.",
                    f"An item of multi-stage booklet {booklet.id} cannot be left out.",
                    booklets=[booklet.id],
                )
            booklets.append(Booklet(booklet.id, place[booklet.items[columns]], booklet.stages))
            blocks.append(block.take(slice(None), None if whole else columns))
        items = tuple(self.design.items[n] for n in chosen)
        return Responses(Design(items, tuple(booklets)), tuple(blocks), self.groups)

    def only_booklets(self, names: Iterable[str]) -> Responses:
        """Keep some booklets; items nobody was given then are dropped."""
        wanted = set(names)
        kept = [n for n, booklet in enumerate(self.design.booklets) if booklet.id in wanted]
        if len(kept) != len(wanted):
            lost = sorted(wanted - {self.design.booklets[n].id for n in kept})
            raise BadData(
                f"Нет вариантов {', '.join(lost)}.", f"No booklets {lost}.", booklets=lost
            )
        design = Design(self.design.items, tuple(self.design.booklets[n] for n in kept))
        used = np.flatnonzero(design.given.any(axis=0))
        fewer = Responses(design, tuple(self.blocks[n] for n in kept), self.groups)
        return fewer.only_items(design.items[n].id for n in used)

    def where(self, grouping: str, name: str) -> Responses:
        """Keep the works of one group; booklets nobody of it wrote are dropped."""
        code = self.group_names(grouping).index(name)
        rows = [block.groups[grouping] == code for block in self.blocks]
        return self._keep(rows)

    def group_names(self, grouping: str) -> tuple[str, ...]:
        """Names of the groups of a grouping; raises `BadData` when there is no such grouping."""
        if grouping not in self.groups:
            known = ", ".join(self.groups) or "их нет"
            raise BadData(
                f"В данных нет группировки «{grouping}»; есть: {known}. Назовите столбец в groups.",
                f"No grouping {grouping!r} in the data.",
            )
        return self.groups[grouping]

    def _keep(self, rows: Sequence[NDArray[np.bool_]]) -> Responses:
        kept = [n for n, mask in enumerate(rows) if mask.any()]
        booklets = tuple(self.design.booklets[n] for n in kept)
        blocks = tuple(self.blocks[n].take(rows[n]) for n in kept)
        return Responses(Design(self.design.items, booklets), blocks, self.groups)

    # --- scores ----------------------------------------------------------------------------

    def totals(self) -> tuple[NDArray[np.int64], ...]:
        """Total score of every work, one array a block; omissions must be treated."""
        self.require_treated("totals")
        return tuple(block.scores.sum(axis=1, dtype=np.int64) for block in self.blocks)

    def matrix(self) -> NDArray[np.int8]:
        """All works × all items, int8, NOT_ADMINISTERED where not given."""
        whole = np.full((self.works, len(self.design.items)), NOT_ADMINISTERED, dtype=np.int8)
        row = 0
        for booklet, block in zip(self.design.booklets, self.blocks, strict=True):
            whole[row : row + len(block), booklet.items] = block.scores
            row += len(block)
        return whole

    def rescored(self, rules: Mapping[str, Mapping[int, int]]) -> Responses:
        """Give new scores for old ones: `{"i7": {2: 1, 3: 2}}`; scores not named stay."""
        items = list(self.design.items)
        blocks = [replace(block, scores=block.scores.copy()) for block in self.blocks]
        for name, rule in rules.items():
            position = int(self.design.positions([name])[0])
            item = items[position]
            new = {old: rule.get(old, old) for old in item.scores}
            responses = tuple((text, new[score]) for text, score in item.responses)
            items[position] = replace(
                item, scores=tuple(sorted(set(new.values()))), responses=responses
            )
            for booklet, block in zip(self.design.booklets, blocks, strict=True):
                for column in np.flatnonzero(booklet.items == position):
                    before = block.scores[:, column].copy()
                    for old, score in new.items():
                        block.scores[before == old, column] = score
        return Responses(Design(tuple(items), self.design.booklets), tuple(blocks), self.groups)

    def without_unused_scores(self) -> Responses:
        """Drop from every item the scores nobody got: its scale gets a gap there."""
        items = []
        for position, item in enumerate(self.design.items):
            seen = self._seen(position)
            scores = tuple(score for score in item.scores if score == 0 or score in seen)
            if len(scores) < 2:
                scores = item.scores  # nobody scored: an extreme item, told elsewhere
            items.append(replace(item, scores=scores))
        return Responses(Design(tuple(items), self.design.booklets), self.blocks, self.groups)

    def _seen(self, position: int) -> set[int]:
        found: set[int] = set()
        for booklet, block in zip(self.design.booklets, self.blocks, strict=True):
            for column in np.flatnonzero(booklet.items == position):
                found |= set(np.unique(block.scores[:, column]).tolist())
        return found


def from_matrix(
    scores: ArrayLike,
    *,
    items: Sequence[Item | str] | None = None,
    persons: ArrayLike | None = None,
    booklet: str | None = None,
    weights: ArrayLike | None = None,
    groups: Mapping[str, Sequence[object]] | None = None,
) -> Responses:
    """Make responses from a persons × items matrix of scores.

    -1 (or NaN) is not administered, -2 omitted, -3 not reached. Booklets are the patterns of what
    was administered, named 1, 2, …; with `booklet` everything is one booklet and -1 means omitted.
    Without full `items` the scores of an item are 0 … the highest seen. Raises `ScoreOutsideRule`.
    Raises also `BadData`, `WrongSettings`.
    """
    given = np.asarray(scores)
    if given.ndim != 2:
        raise BadData("Нужна таблица: работы × задания.", "A persons × items matrix is needed.")
    if given.dtype.kind == "f":
        given = np.where(np.isnan(given), NOT_ADMINISTERED, given)
    table = given.astype(np.int8)
    if given.dtype != np.int8 and not np.array_equal(table, given):
        raise BadData(
            "Баллы должны быть целыми от 0 до 126.", "Scores must be whole numbers, 0 to 126."
        )
    named = [f"i{n:03d}" for n in range(1, table.shape[1] + 1)] if items is None else list(items)
    if len(named) != table.shape[1]:
        raise WrongSettings(
            f"Названо заданий {len(named)}, а столбцов в таблице {table.shape[1]}.",
            f"{len(named)} items for {table.shape[1]} columns.",
        )
    highest = table.max(axis=0, initial=1)
    full = [
        item if isinstance(item, Item) else Item(item, tuple(range(max(1, int(top)) + 1)))
        for item, top in zip(named, highest, strict=True)
    ]
    require_distinct(full)
    names: dict[str, tuple[str, ...]] = {}
    codes: dict[str, NDArray[np.int32]] = {}
    for grouping, values in (groups or {}).items():
        labels, inverse = np.unique(np.asarray(values).astype(str), return_inverse=True)
        names[grouping], codes[grouping] = tuple(labels.tolist()), inverse.astype(np.int32)
    whole = Block(
        np.ascontiguousarray(table),
        np.arange(1, len(table) + 1) if persons is None else np.asarray(persons),
        None if weights is None else np.asarray(weights, dtype=np.float64),
        codes,
    )
    return in_booklets(tuple(full), whole, names, booklet=booklet)


def in_booklets(
    items: tuple[Item, ...],
    whole: Block,
    groups: Mapping[str, tuple[str, ...]],
    *,
    booklet: str | None = None,
) -> Responses:
    """Split works × all items into booklets by the pattern of what was administered."""
    if booklet is not None:
        scores = whole.scores
        if (scores == NOT_ADMINISTERED).any():
            scores = np.where(scores == NOT_ADMINISTERED, OMITTED, scores).astype(np.int8)
        everything = np.arange(len(items), dtype=np.int32)
        design = Design(items, (Booklet(booklet, everything),))
        made = Responses(design, (replace(whole, scores=scores),), groups)
    else:
        booklets: list[Booklet] = []
        blocks: list[Block] = []
        for rows, columns in patterns.split(whole.scores != NOT_ADMINISTERED):
            if len(columns):
                booklets.append(Booklet(str(len(booklets) + 1), columns))
                complete = len(columns) == len(items)
                blocks.append(whole.take(rows, None if complete else columns))
        made = Responses(Design(items, tuple(booklets)), tuple(blocks), groups)
    require_known_scores(made)
    return made


def require_known_scores(responses: Responses) -> None:
    """Raise `ScoreOutsideRule` for a score its item does not allow."""
    wrong: list[str] = []
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        seen = patterns.seen_scores(block.scores)
        for column, position in enumerate(booklet.items):
            item = responses.design.items[position]
            for value in (np.flatnonzero(seen[column]) - 4).tolist():
                if value not in item.scores and value not in (OMITTED, NOT_REACHED):
                    wrong.append(f"{item.id} — {value}")
    if wrong:
        raise ScoreOutsideRule(
            f"Баллы, которых правило задания не знает (задание — балл): {', '.join(wrong[:8])}. "
            "Исправьте данные или добавьте балл в правило.",
            f"Scores outside the rule (item — score): {', '.join(wrong[:8])}.",
            items=sorted({text.split(" — ")[0] for text in wrong}),
        )
