"""Cases a lawyer can read: what is asked, what is given, what the answer must be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from merilo import law
from merilo.law import Answer, Certainty, Profile, Refusal, Source, Value

CASES = Path(__file__).parent / "cases"


def cases(name: str) -> list[Any]:
    """The cases of cases/<name>.yaml as parameters of a test, each under its own name."""
    read = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in read]


def profile_of(case: Mapping[str, Any]) -> Profile:
    """The profile of the case: `profile` (Primorye by default) with `settings` put over it."""
    return with_settings(
        law.profile(case.get("profile", "primorye-2025")), case.get("settings", {})
    )


def with_settings(profile: Profile, settings: Mapping[str, Any]) -> Profile:
    """The same law with other values of some parameters; a value of None takes it out."""
    values = dict(profile.values)
    for name, value in settings.items():
        meaning = law.definition(name)
        source = Source(law.acts()["product"], "настройка из примера")
        values[name] = ()
        if value is not None:
            values[name] = (
                Value(
                    name,
                    value,
                    meaning.unit,
                    profile.valid_from,
                    None,
                    source,
                    Certainty.D,
                    meaning.reading,
                    profile.id,
                ),
            )
    return replace(profile, values=values)


def codes(reasons: Iterable[Refusal], *, warnings: bool = False) -> list[str]:
    """The codes of the refusals or of the warnings; every sentence is put together on the way."""
    reasons = list(reasons)
    for reason in reasons:
        assert "%(" not in reason.sentence()
    return sorted(reason.code for reason in reasons if reason.is_warning is warnings)


def holds(found: Any, then: Mapping[str, Any]) -> None:
    """Assert that the answer is what the case says. Refusals not named there must not be there.

    `found` is an Answer, the reasons of a rule, or a plain value (then: {value: ...}).
    """
    if "value" in then:
        assert found == then["value"]
        return
    answer = found if isinstance(found, Answer) else Answer(reasons=tuple(found))
    assert codes(answer.reasons) == sorted(then.get("reasons", []))
    if "warnings" in then:
        assert codes(answer.reasons, warnings=True) == sorted(then["warnings"])
    if "allowed" in then:
        assert answer.allowed is then["allowed"]
    for name, value in then.get("dates", {}).items():
        assert answer.dates[name] == value, name
    for name, value in then.get("outcome", {}).items():
        assert answer.outcome[name] == value, name
    said = " ".join(reason.sentence() for reason in answer.reasons)
    for words in then.get("says", []):
        assert words in said
