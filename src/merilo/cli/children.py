"""Child processes of a command: started with a log, ended together, never left behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PR_SET_PDEATHSIG = 1
END_PATIENCE_S = 12


def merilo(*arguments: str) -> list[str]:
    """Return the command line of a subcommand in this same Python."""
    return [sys.executable, "-P", "-m", "merilo", *arguments]


def _end_with_parent() -> None:
    # Linux only; elsewhere a killed parent leaves its children, as usual.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """One process with its own session, so that Ctrl+C reaches only the parent."""

    def __init__(self, name: str, command: list[str], log: Path, environ: Mapping[str, str]):
        self.name, self.log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self.begins_at = output.tell()
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environ},
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    def alive(self) -> bool:
        """Say whether the process still runs."""
        return self.process.poll() is None

    def last_lines(self, count: int = 8) -> str:
        """Return the end of what it wrote to its log, indented."""
        with self.log.open("rb") as log:
            log.seek(self.begins_at)
            lines = log.read().decode(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-count:])


def end_all(children: list[Child]) -> None:
    """Ask all to end, wait, then kill what is left with its whole session."""
    for child in children:
        if child.alive():
            child.process.terminate()
    for child in children:
        try:
            child.process.wait(END_PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
