"""The output folder: a finished step is there whole or not at all, and is not done again."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from merilo_psychometrics.data.tables import database_frames, files, is_database, shown
from merilo_psychometrics.data.trouble import reading
from merilo_psychometrics.provenance import ENGINE_VERSION

from .outcome import Outcome

PART = 1 << 24
RESULT = "result.json"


@dataclass(frozen=True)
class Step:
    """A step by what decides its result: the verb, its settings, what it reads, the seed."""

    verb: str
    settings: Mapping[str, Any]
    inputs: Mapping[str, str]
    seed: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as they are written."""
        return {
            "verb": self.verb,
            "engine": ENGINE_VERSION,
            "settings": dict(self.settings),
            "inputs": dict(self.inputs),
            "seed": self.seed,
        }


@dataclass(frozen=True)
class Store:
    """Results of the steps, a folder each: `result.json`, `result.txt`, tables as CSV."""

    folder: Path

    def place(self, verb: str) -> Path:
        """The folder of a step."""
        return self.folder / verb

    def finished(self, step: Step) -> Outcome | None:
        """Return the words and values of this very step when it is there, else None."""
        place = self.place(step.verb)
        try:
            written = json.loads((place / RESULT).read_text(encoding="utf-8"))
            text = (place / "result.txt").read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None
        same = json.loads(json.dumps(step.as_dict(), ensure_ascii=False))
        if written.get("step") != same:
            return None
        whole = all((place / name).is_file() for name in written["files"])
        made = Outcome(text, written["summary"], provenance=written["provenance"])
        return made if whole else None

    def write(self, step: Step, outcome: Outcome) -> None:
        """Write the step beside and move it into place; the older result stays until then."""
        place = self.place(step.verb)
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            beside, before = self._hidden(step.verb, "new"), self._hidden(step.verb, "old")
            for rest in (beside, before):
                shutil.rmtree(rest, ignore_errors=True)
            beside.mkdir()
            try:
                self._fill(beside, step, outcome)
            except BaseException:
                shutil.rmtree(beside, ignore_errors=True)
                raise
            if place.exists():
                os.replace(place, before)
            os.replace(beside, place)
            shutil.rmtree(before, ignore_errors=True)

    def _fill(self, beside: Path, step: Step, outcome: Outcome) -> None:
        for name, table in outcome.tables.items():
            table.write_csv(beside / f"{name}.csv")
        for name, content in outcome.files.items():
            (beside / name).write_bytes(content)
        (beside / "result.txt").write_text(outcome.text + "\n", encoding="utf-8")
        written = {
            "step": step.as_dict(),
            "summary": outcome.summary,
            "provenance": list(outcome.provenance),
            "files": sorted(path.name for path in beside.iterdir()),
        }
        (beside / RESULT).write_text(as_json(written) + "\n", encoding="utf-8")

    def _hidden(self, verb: str, mark: str) -> Path:
        return self.folder / f".{verb}.{mark}"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Two commands may end in one folder at the same moment."""
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def fingerprint(
    where: str, table: str | None = None, *, told: Callable[[int, int], None] | None = None
) -> str:
    """SHA-256 of the content behind a path or a table of a database; names and dates do not count.

    `told` hears how many bytes of how many are read.
    """
    whole = hashlib.sha256()
    with reading(shown(where)):
        if is_database(where):
            for frame in database_frames(where, table, None, 100_000):
                whole.update(frame.write_csv().encode())
            return whole.hexdigest()
        found = files(where)
        size, done = sum(path.stat().st_size for path in found), 0
        for path in found:
            own = hashlib.sha256()
            with path.open("rb") as file:
                while part := file.read(PART):
                    own.update(part)
                    done += len(part)
                    if told is not None:
                        told(done, size)
            whole.update(own.digest())
    return whole.hexdigest()


def as_json(value: Any) -> str:
    """JSON in which NaN and infinity, which JSON does not have, are null."""
    return json.dumps(_plain(value), ensure_ascii=False, indent=2, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
