"""The page of the first steps tells the truth: its commands are run, its output is compared."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from merilo_psychometrics.command import main

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "measurement-first-steps.md"
STEP = re.compile(r"```sh\n\./merilo measure (.*?)\n```\n\n```text\n(.*?)\n```", re.DOTALL)


def test_every_command_of_the_page_gives_the_output_it_shows(tmp_path, monkeypatch, capsys):
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    steps = STEP.findall(PAGE.read_text(encoding="utf-8"))
    assert len(steps) > 8
    for command, output in steps:
        assert main(shlex.split(command.replace("\\\n", " "))) == 0, command
        assert capsys.readouterr().out.rstrip() == output.rstrip(), command
    assert (tmp_path / "lsat7" / "report" / "report.html").is_file()
