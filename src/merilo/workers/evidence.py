"""The rounds of the evidence worker: one address after another, each at its own moment."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from merilo.foundation import clock
from merilo.mechanisms import actions as mechanisms
from merilo.mechanisms.queries import visits
from merilo.registry.access import Viewer


def visit_materials(
    submission_id: int, *, actor: Viewer, unless_visited_in: timedelta | None = None
) -> int:
    """Visit the addresses of one submission and fix what it was submitted with; how many visits.

    One order named in forty positions is visited once.
    """
    if settings.DEMO:
        return 0  # its addresses are invented: nobody outside is troubled by a demonstration
    done = 0
    for address, pages in visits.addresses_of(submission_id).items():
        now = clock.now()
        if unless_visited_in and visits.visited_since(
            address, now - unless_visited_in, submission_id=submission_id
        ):
            continue
        mechanisms.visit_address(
            address=address, pages=pages, submission_id=submission_id, actor=actor, now=now
        )
        done += 1
    mechanisms.keep_exhibits(submission_id=submission_id, actor=actor, now=clock.now())
    return done
