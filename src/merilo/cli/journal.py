"""`merilo journal verify`: read the whole journal and prove that nothing in it was changed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ДЕЙСТВИЕ")
    verify = acts.add_parser("verify", help="проверить цепочки журнала")
    verify.add_argument(
        "--anchor",
        type=Path,
        help="файл контрольной отметки: проверить, что с тех пор ничего не исчезло",
    )
    anchor = acts.add_parser("anchor", help="сделать контрольную отметку и записать её в файл")
    anchor.add_argument("file", type=Path)


def run(options: argparse.Namespace) -> int:
    """0: the journal holds together; 1: it does not."""
    from merilo.foundation import clock
    from merilo.foundation.journal import recording

    if options.act == "anchor":
        made = recording.anchor(clock.now())
        options.file.write_text(
            json.dumps({"at": made.at.isoformat(), "digest": made.digest, "heads": made.heads})
        )
        print(f"Контрольная отметка записана: {options.file}")
        return 0
    seen = 0

    def progress(count: int) -> None:
        nonlocal seen
        seen = count
        if sys.stderr.isatty():
            print(f"\rПроверено записей: {count}", end="", file=sys.stderr)

    breaks = list(recording.verify(progress=progress))
    if sys.stderr.isatty() and seen:
        print(file=sys.stderr)
    if options.anchor:
        try:
            heads = json.loads(options.anchor.read_text())["heads"]
        except (OSError, ValueError, KeyError) as wrong:
            print(f"Файл отметки {options.anchor} не читается: {wrong}", file=sys.stderr)
            return 2
        breaks += recording.breaks_since(heads)
    for one in breaks:
        print(f"Цепочка {one.chain}, запись {one.seq}: {one.what}.")
    print(
        f"Записей: {seen}. "
        + ("Журнал изменён!" if breaks else "Журнал цел: ни одна запись не изменена и не пропала.")
    )
    return int(bool(breaks))
