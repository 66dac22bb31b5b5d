"""Files of criteria: what a lawyer could not check is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from merilo import law
from merilo.law import InvalidLaw, criteria

HEAD = "code: own-2026\nyear: 2026\ntitle: Свои\nact: product\nparagraph: п. 1\n"


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the region's own law, read afresh."""
    (tmp_path / "criteria").mkdir()
    monkeypatch.setenv("MERILO_LAW_DIR", str(tmp_path))
    readers = (criteria.shipped_criteria, criteria.shipped_matches)
    for one in readers:
        one.cache_clear()
    yield tmp_path / "criteria"
    for one in readers:
        one.cache_clear()


def test_a_region_adds_its_criteria_by_a_file(added: Path) -> None:
    (added / "own.yaml").write_text(HEAD + "renormalisation: none\ncriteria: []\n", "utf-8")
    assert [one["code"] for one in law.shipped_criteria()] == ["mum-2021", "mum-2022", "own-2026"]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "criteria: []\n",
        HEAD + "renormalisation: none\ncriteria: []\nrank: 1\n",
        HEAD.replace("product", "no-such-act") + "renormalisation: none\ncriteria: []\n",
    ],
)
def test_criteria_without_their_act_or_with_strange_words_are_refused(
    added: Path, text: str
) -> None:
    (added / "own.yaml").write_text(text, "utf-8")
    with pytest.raises(InvalidLaw):
        law.shipped_criteria()


def test_a_mapping_names_both_years(added: Path) -> None:
    (added / "map.yaml").write_text("earlier: a\nmatches: []\n", "utf-8")
    with pytest.raises(InvalidLaw):
        law.shipped_matches()
