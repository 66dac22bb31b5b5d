"""What is asked of an engine, and how a small result is brought here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from merilo_psychometrics.data.sources import Coding, ScoringRules, Source
from merilo_psychometrics.errors import UntreatedOmissions
from merilo_psychometrics.responses import NOT_ADMINISTERED, NOT_REACHED, OMITTED, Decision

# Far below every code: a cell that is neither a score nor a code.
UNKNOWN = -100


def fetch(expression: Any) -> pl.DataFrame:
    """Bring a small result here."""
    return pl.DataFrame(pl.from_arrow(expression.to_pyarrow()))


@dataclass(frozen=True)
class Asked:
    """The source with its rules, and what gaps count as."""

    source: Source
    rules: ScoringRules | None
    coding: Coding
    omitted: Decision | None
    not_reached: Decision | None

    def decision(self, code: int, booklets: Iterable[str]) -> int | None:
        """The score a gap counts as; None leaves the item out."""
        decided = {OMITTED: self.omitted, NOT_REACHED: self.not_reached}[code]
        if decided is None:
            raise UntreatedOmissions("count", sorted(booklets))
        return 0 if decided == "wrong" else None

    def settings(self, engine: str) -> dict[str, str | None]:
        """What the provenance of the counts tells."""
        return {"engine": engine, "omitted": self.omitted, "not_reached": self.not_reached}

    def codes(self) -> dict[str, int]:
        """Codes of missing by their text."""
        return {
            **dict.fromkeys(self.coding.omitted, OMITTED),
            **dict.fromkeys(self.coding.not_reached, NOT_REACHED),
            **dict.fromkeys(self.coding.not_administered, NOT_ADMINISTERED),
        }
