"""How a command tells that it cannot go on: one sentence, what is wrong and what to do."""

from __future__ import annotations


class CommandFailed(Exception):
    """The text is shown as it is; `status` becomes the exit status."""

    def __init__(self, sentence: str, status: int = 2):
        super().__init__(sentence)
        self.status = status


def sentence_for(problem: Exception) -> str | None:
    """Return the sentence for an error a person can mend, or None for a fault of the program."""
    # By name, so that commands without a database need not import Django to be caught here.
    kind = type(problem).__name__
    first_line = str(problem).strip().splitlines()[0] if str(problem).strip() else kind
    if kind == "ServerProblem":
        return str(problem)
    if kind in ("OperationalError", "PoolTimeout"):
        return (
            f"База данных не отвечает: {first_line}. Проверьте DATABASE_URL и что сервер запущен."
        )
    if type(problem.__cause__).__name__ == "UndefinedTable":
        return f"Таблицы базы не созданы или устарели: сначала merilo migrate ({first_line})."
    if kind == "ImproperlyConfigured":
        return f"Неверная настройка: {first_line}."
    if isinstance(problem, PermissionError) and problem.filename:
        return (
            f"Нет прав на файл {problem.filename}, он чужой: запустите Мерило от имени его "
            "хозяина или укажите свой каталог в MERILO_HOME."
        )
    if kind == "LawError" or any(base.__name__ == "LawError" for base in type(problem).__mro__):
        return str(problem)
    return None
