"""Hand work over to the worker: the job is written in the caller's transaction, or not at all."""

from __future__ import annotations

from typing import Any


def defer(task: str, *, queueing_lock: str | None = None, **ids: Any) -> None:
    """Queue the task of that name with ids as arguments. Rolled back with the transaction."""
    from procrastinate.contrib.django import app

    app.configure_task(task, queueing_lock=queueing_lock, allow_unknown=True).defer(**ids)
