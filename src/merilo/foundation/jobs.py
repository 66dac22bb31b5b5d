"""Hand work over to the worker: the job is written in the caller's transaction, or not at all."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued


def defer(task: str, *, queueing_lock: str | None = None, **ids: Any) -> None:
    """Queue the task of that name with ids as arguments. Rolled back with the transaction.

    Of jobs with one `queueing_lock` one waits at most: asking again changes nothing.
    """
    from procrastinate.contrib.django import app

    job = app.configure_task(task, queueing_lock=queueing_lock, allow_unknown=True)
    if queueing_lock is None:
        job.defer(**ids)
        return
    # A savepoint: the refusal of the queue spares the caller's act.
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(**ids)
