"""The command `merilo`: one table of subcommands, each a module with `add_arguments` and `run`."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Literal, NamedTuple

from .failure import CommandFailed, sentence_for


class Command(NamedTuple):
    """Where a subcommand lives, its line in the help, and the database role it works under."""

    module: str
    help: str
    needs_database: Literal["app", "owner"] | None


# A module is imported only when its command is called: `merilo law` answers without Django.
COMMANDS = {
    "demo": Command("demo", "показать Мерило на демонстрационном крае", None),
    "stop": Command("stop", "остановить демонстрацию и её базу данных", None),
    "test": Command("test", "прогнать проверки (аргументы передаются pytest)", None),
    "check-code": Command("check_code", "проверить стиль, типы, слои и миграции", None),
    "law": Command("law", "спросить нормы: list, show, questions, ask", None),
    "serve": Command("serve", "запустить сайт", "app"),
    "worker": Command("worker", "запустить фоновые задания и часы", "app"),
    "migrate": Command("migrate", "создать или обновить таблицы базы", "owner"),
    "createadmin": Command("createadmin", "завести администратора", "app"),
    "journal": Command("journal", "проверить журнал: verify", "app"),
    "backup": Command("backup", "снять полную копию: база и файлы", "owner"),
    "restore": Command("restore", "восстановить из копии в пустую базу", "owner"),
    "check": Command("check", "проверить целостность данных", "app"),
    "bench": Command("bench", "измерить скорость под нагрузкой", None),
    "measure": Command("measure", "измерения: от ответов к шкале и отчёту", None),
    "docs": Command("docs", "напечатать свод норм и схемы состояний", None),
    "demo-data": Command("demo_data", "наполнить пустую базу демонстрационным краем", "app"),
    "version": Command("version", "показать версию", None),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; return its exit status (2: it could not run, the reason is printed)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help"):
        print(_overview())
        return 0
    if given[0] == "--version":
        given[0] = "version"
    name = given[0]
    command = COMMANDS.get(name)
    if command is None or not _exists(command):
        print(f"Нет команды «{name}».\n\n{_overview()}", file=sys.stderr)
        return 2
    try:
        module = importlib.import_module(f"{__name__}.{command.module}")
        options = _parse(module, name, command, given[1:])
        os.environ.update(getattr(module, "ENVIRONMENT", {}))
        if command.needs_database:
            from . import environment

            environment.connect(command.needs_database)
        status: int = module.run(options)
        return status
    except CommandFailed as failure:
        print(failure, file=sys.stderr)
        return failure.status
    except BrokenPipeError:
        # The reader (`| head`) has gone; nothing more can be told to it.
        sys.stderr.close()
        return 141
    except KeyboardInterrupt:
        print("\nПрервано.", file=sys.stderr)
        return 130
    except Exception as problem:
        sentence = sentence_for(problem)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        return 2


def _parse(
    module: ModuleType, name: str, command: Command, given: list[str]
) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"merilo {name}", description=command.help)
    module.add_arguments(parser)
    if getattr(module, "PASSES_ARGUMENTS", False):
        options, rest = parser.parse_known_args(given)
        options.rest = rest
        return options
    return parser.parse_args(given)


def _exists(command: Command) -> bool:
    return importlib.util.find_spec(f"{__name__}.{command.module}") is not None


def _overview() -> str:
    lines = [f"  {name:<13}{c.help}" for name, c in COMMANDS.items() if _exists(c)]
    return "\n".join(
        ["Мерило. Команды:", *lines, "", "Подробнее о команде: merilo КОМАНДА --help"]
    )
