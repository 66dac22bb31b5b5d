"""`merilo check`: integrity checks of the data, each with why and the remedy."""

from __future__ import annotations

import argparse
import json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", nargs="?", default="", help="только проверки с таким началом имени"
    )
    parser.add_argument("--json", action="store_true", help="ответ для программы")
    parser.add_argument("--list", action="store_true", help="перечислить проверки, не запуская")


def run(options: argparse.Namespace) -> int:
    """0: nothing severe was found; 1: something severe was."""
    from merilo.foundation.checks import running

    chosen = [check for check in running.checks() if check.name.startswith(options.name)]
    if not chosen:
        print(f"Проверок с именем на «{options.name}» нет. Список: merilo check --list")
        return 2
    if options.list:
        for check in chosen:
            print(f"{check.name}: {check.title}")
        return 0
    found = [running.run(check) for check in chosen]
    if options.json:
        print(
            json.dumps(
                [
                    {
                        "name": one.check.name,
                        "severity": one.check.severity,
                        "count": one.count,
                        "first": one.first,
                        "why": one.check.why,
                        "remedy": one.check.remedy,
                    }
                    for one in found
                ],
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        for one in found:
            if one.count:
                mark = "!!" if one.check.severity == "severe" else " ·"
                print(f"{mark} {one.check.title}: {one.count} ({one.check.name})")
                print(f"   Почему важно: {one.check.why}\n   Что делать: {one.check.remedy}")
                print(f"   Например: {'; '.join(one.first)}")
        wrong = sum(1 for one in found if one.count)
        print(f"Проверок: {len(found)}, с замечаниями: {wrong}.")
    return int(any(one.count and one.check.severity == "severe" for one in found))
