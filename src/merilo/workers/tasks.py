"""Background jobs: thin doors to actions. Each may be run again at any time without harm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection
from procrastinate import JobContext
from procrastinate.contrib.django import app

from merilo.booking import actions as booking
from merilo.casework import actions as casework
from merilo.foundation import clock
from merilo.grading import actions as grading
from merilo.mechanisms import actions as mechanisms
from merilo.mechanisms.queries import evidence
from merilo.registry.access import Viewer
from merilo.testday import actions as testday

from .anchors import keep_anchor
from .evidence import visit_materials
from .forgetting import forget
from .schedule import SCHEDULE
from .terms import refresh_terms

STALLED_AFTER = 60  # seconds without a heartbeat of the worker


def job(function: Callable[..., Any]) -> Callable[..., Any]:
    """A task by the name of its function, with a fresh connection that is given back."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        give_back()
        try:
            return function(*args, **kwargs)
        finally:
            give_back()

    return app.task(name=function.__name__, queueing_lock=None)(run)


def give_back() -> None:
    """Close what has served its time, but never in the middle of a transaction."""
    if not connection.in_atomic_block:
        close_old_connections()


def the_clock() -> Viewer:
    return Viewer.system(settings.TIME_ZONE)


@job
def send_notice(notice_id: int) -> bool:
    """Send one letter; the letter itself remembers what became of it."""
    return casework.send_notice(notice_id=notice_id, now=clock.now())


@job
def expire_unbooked(timestamp: int = 0) -> int:
    return booking.expire_due(actor=the_clock(), now=clock.now())


@job
def free_ended_seats(timestamp: int = 0) -> int:
    return booking.free_ended_seats(actor=the_clock(), now=clock.now())


@job
def owe_marking(day_id: int) -> int:
    """Put the works of a day before its experts."""
    return grading.owe_marking(day_id=day_id, now=clock.now())


@job
def open_days(timestamp: int = 0) -> int:
    """Make the days of testing that come near, so that somebody owes their preparing."""
    return testday.open_upcoming_days(now=clock.now())


@job
def send_waiting_letters(timestamp: int = 0) -> int:
    return casework.send_waiting(now=clock.now())


@job
def flag_unsent_letters(timestamp: int = 0) -> int:
    return casework.flag_unsent(now=clock.now())


@job
def refresh_unknown_terms(timestamp: int = 0) -> int:
    return refresh_terms(actor=the_clock(), now=clock.now())


@job
def visit_evidence(submission_id: int) -> int:
    """Visit every address of the materials once; how many. A crash loses only the visit in hand."""
    return visit_materials(submission_id, actor=the_clock())


@job
def visit_all_evidence(timestamp: int = 0) -> int:
    return sum(
        visit_materials(number, actor=the_clock(), unless_visited_in=timedelta(hours=20))
        for number in evidence.submissions_to_look_at()
    )


@job
def anchor_journal(timestamp: int = 0) -> str:
    return str(keep_anchor(actor=the_clock(), now=clock.now()))


@job
def close_objections(timestamp: int = 0) -> int:
    return mechanisms.close_objections(actor=the_clock(), now=clock.now())


@job
def forget_expired(timestamp: int = 0) -> int:
    now = clock.now()
    return forget(now=now) + mechanisms.forget_secrets(actor=the_clock(), now=now)


@app.task(name="retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int = 0) -> int:
    """Put back the jobs whose worker died. Every task is safe to run again."""
    return await put_back(context.app.job_manager)


async def put_back(manager: Any) -> int:
    jobs = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER))
    for stalled in jobs:
        await manager.retry_job(stalled)
    return len(jobs)


# A round that is late is not doubled: one waits at most, and none runs beside itself.
for periodic in SCHEDULE:
    app.periodic(cron=periodic.cron, queueing_lock=periodic.task, lock=periodic.task)(
        app.tasks[periodic.task]
    )
