"""Why a verb gave no result: one sentence that names the item or booklet and what to do.

    MeasurementError
    ├── BadData              the table cannot be read as responses
    │   ├── ScoreOutsideRule     a response or score the scoring rule does not know
    │   ├── DuplicateResponse    one person answered one item twice
    │   └── UntreatedOmissions   omitted or not reached responses nobody has decided about
    ├── NotIdentified        the data do not determine the parameters
    │   ├── UnlinkedBooklets     parts of the design share no item
    │   ├── ExtremeItem          everybody failed, or everybody got the full score
    │   └── UnusedCategory       a score the rule allows and nobody got
    ├── TooFewPersons        nothing can be said from so few
    ├── NotConverged         the iterations ended before the solution
    ├── UnknownItem          parameters of an item are asked for and not there
    └── WrongSettings        the caller asks for what the model cannot do

No half result exists: a verb returns its noun whole or raises one of these. `str(error)` is the
Russian sentence for the methodologist, `error.english` the same for a developer's log, and
`error.items`, `error.booklets` hold the names for a program.
"""

from __future__ import annotations

from collections.abc import Sequence

SHOWN = 8


def listed(names: Sequence[object]) -> str:
    """Join names for a sentence; a long list is cut and counted."""
    shown = ", ".join(str(name) for name in names[:SHOWN])
    rest = len(names) - SHOWN
    return f"{shown} (+{rest})" if rest > 0 else shown


class MeasurementError(Exception):
    """A verb of the engine cannot answer; says which item or booklet and what to do."""

    def __init__(
        self,
        russian: str,
        english: str,
        *,
        items: Sequence[str] = (),
        booklets: Sequence[str] = (),
    ) -> None:
        super().__init__(russian)
        self.english = english
        self.items = tuple(items)
        self.booklets = tuple(booklets)

    def about(self, russian: str, english: str) -> MeasurementError:
        """Put before the sentence which of several tables it is about."""
        self.args = (f"{russian}: {self}",)
        self.english = f"{english}: {self.english}"
        return self


class BadData(MeasurementError):
    """The table cannot be read as responses."""


class ScoreOutsideRule(BadData):
    """A response or score that the scoring rule of the item does not know."""


class DuplicateResponse(BadData):
    """One person answered one item twice in one booklet."""


class UntreatedOmissions(BadData):
    """Omitted or not reached responses are there and nobody has decided how they count."""

    def __init__(self, verb: str, booklets: Sequence[str]) -> None:
        super().__init__(
            f"В вариантах {listed(booklets)} есть пропущенные или недостигнутые задания, а решения, "
            f"как их считать, нет. Перед «{verb}» вызовите responses.treat(omitted=…, "
            "not_reached=…): «wrong» — ноль баллов, «missing» — задание не предъявлялось.",
            f"Booklets {listed(booklets)} hold omitted or not reached responses; call "
            f"responses.treat(omitted=…, not_reached=…) before {verb}.",
            booklets=booklets,
        )


class NotIdentified(MeasurementError):
    """The data do not determine the parameters."""


class UnlinkedBooklets(NotIdentified):
    """Parts of the design share no item, so their scales cannot be compared."""

    def __init__(self, parts: Sequence[Sequence[str]]) -> None:
        said = "; ".join(f"{n}) {listed(part)}" for n, part in enumerate(parts, 1))
        super().__init__(
            f"Варианты не связаны общими заданиями и распадаются на {len(parts)} части: {said}. "
            "Добавьте общие (якорные) задания, закрепите параметры заданий в каждой части "
            "или калибруйте части по отдельности.",
            f"The booklets fall into {len(parts)} parts without common items: {said}. Add common "
            "items, fix parameters in every part, or calibrate the parts one by one.",
            booklets=[name for part in parts for name in part],
        )
        self.parts = tuple(tuple(part) for part in parts)


class ExtremeItem(NotIdentified):
    """Everybody failed the item, or everybody got its full score."""

    def __init__(self, zero: Sequence[str], full: Sequence[str]) -> None:
        russian, english = [], []
        if zero:
            russian.append(f"никто не получил баллов за задания {listed(zero)}")
            english.append(f"nobody scored on items {listed(zero)}")
        if full:
            russian.append(f"все получили полный балл за задания {listed(full)}")
            english.append(f"everybody got the full score on items {listed(full)}")
        text = "; ".join(russian)
        super().__init__(
            f"{text[0].upper()}{text[1:]}: их трудность оценить нельзя. Исключите эти задания "
            "(without_items) или закрепите их параметры.",
            f"{'; '.join(english)}: no difficulty exists. Leave the items out (without_items) or "
            "fix their parameters.",
            items=[*zero, *full],
        )
        self.zero, self.full = tuple(zero), tuple(full)


class UnusedCategory(NotIdentified):
    """A score the rule allows and nobody got."""

    def __init__(self, found: Sequence[tuple[str, int]]) -> None:
        said = listed([f"{item} — {score}" for item, score in found])
        super().__init__(
            f"Есть баллы, которых никто не получил (задание — балл): {said}. Уберите этот балл из "
            "шкалы задания (without_unused_scores) или объедините его с соседним (rescored).",
            f"Scores nobody got (item — score): {said}. Drop them (without_unused_scores) or merge "
            "them with a neighbour (rescored).",
            items=[item for item, _ in found],
        )
        self.found = tuple(found)


class TooFewPersons(MeasurementError):
    """Nothing can be said from so few."""


class NotConverged(MeasurementError):
    """The iterations ended before the solution."""


class UnknownItem(MeasurementError):
    """Parameters of an item are asked for and not there."""

    def __init__(self, items: Sequence[str]) -> None:
        super().__init__(
            f"Нет параметров заданий {listed(items)}. Калибруйте их вместе с остальными или "
            "исключите (without_items).",
            f"No parameters for items {listed(items)}; calibrate them or leave them out.",
            items=items,
        )


class WrongSettings(MeasurementError):
    """The caller asks for what the model cannot do."""
