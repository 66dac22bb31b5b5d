"""A reason names the rule that was not met, the paragraph behind it, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from .sources import Source, Value

MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)


def _(text: str) -> str:
    """Mark a sentence for translation; the words are translated where they are shown."""
    return text


def in_words(fact: object) -> str:
    """A fact as a Russian reader writes it: «12 мая 2025», «08:00»."""
    if isinstance(fact, datetime):
        return f"{in_words(fact.date())}, {fact:%H:%M}"
    if isinstance(fact, date):
        return f"{fact.day} {MONTHS[fact.month - 1]} {fact.year}"
    if isinstance(fact, time):
        return f"{fact:%H:%M}"
    if isinstance(fact, list | tuple | set | frozenset):
        return ", ".join(in_words(one) for one in fact)
    return str(fact)


@dataclass(frozen=True)
class Reason:
    """A kind of refusal or warning, declared once beside the rule that yields it.

    `code` is stable and never reused. `text` is a Russian sentence with %(name)s places that says
    what is wrong and what to do. A warning lets the act go on, a refusal stops it.
    """

    code: str
    text: str
    warning: bool = False

    registry = {}  # type: dict[str, Reason]  # noqa: RUF012 - a plain class attribute, not a field

    def __post_init__(self) -> None:
        if self.code in Reason.registry:
            raise ValueError(f"the reason {self.code!r} is declared twice")
        Reason.registry[self.code] = self

    def __call__(self, source: Source | Value | None = None, **facts: Any) -> Refusal:
        """This reason for one case: with its paragraph and its facts."""
        return Refusal(self, source.source if isinstance(source, Value) else source, facts)


@dataclass(frozen=True)
class Refusal:
    """One reason, said of one case."""

    reason: Reason
    source: Source | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.reason.code

    @property
    def is_warning(self) -> bool:
        return self.reason.warning

    def sentence(
        self,
        translate: Callable[[str], str] = _,
        words: Callable[[object], str] = in_words,
    ) -> str:
        """The sentence for people; `translate` and `words` put it into another language."""
        return translate(self.reason.text) % {name: words(f) for name, f in self.facts.items()}


class Refused(Exception):
    """The act may not happen. Carries every reason at once, so that nobody is sent twice."""

    def __init__(self, refusals: Iterable[Refusal]):
        self.refusals = tuple(refusals)
        super().__init__("; ".join(refusal.sentence() for refusal in self.refusals))


def refuse(reasons: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """Raise `Refused` if there is at least one refusal; otherwise hand back the warnings."""
    reasons = tuple(reasons)
    if refusals := [reason for reason in reasons if not reason.is_warning]:
        raise Refused(refusals)
    return reasons


@dataclass(frozen=True)
class Answer:
    """What a question about the law comes to: may it be, why not, which dates, which values."""

    reasons: tuple[Refusal, ...] = ()
    dates: Mapping[str, date | datetime | None] = field(default_factory=dict)
    outcome: Mapping[str, Any] = field(default_factory=dict)
    decided_under: tuple[Value, ...] = ()

    @property
    def allowed(self) -> bool:
        return not any(not reason.is_warning for reason in self.reasons)
