"""Results at a given step: drawn by the commission, sent, told."""

from __future__ import annotations

from builders import an_account, viewer_of
from grading.builders_grading import LATER, Day, an_attempt, marked
from merilo.registry.access import Role, Viewer
from merilo.registry.models import Account
from merilo.results import actions
from merilo.results.models import Result


def second_clerk(made: Day) -> Viewer:
    """Another clerk of the testing organisation: the second pair of eyes."""
    accounts = made.region.accounts
    if "testing_org_2" not in accounts:
        accounts["testing_org_2"] = an_account(
            "testing_org_2", made.region.testing_org, Role.TESTING_ORG
        )
    account: Account = accounts["testing_org_2"]
    return viewer_of(account)


def drawn(made: Day, grade: int = 1, *, oral: int, written: int | None = None, **more) -> Result:
    attempt = marked(an_attempt(made, grade, **more), made, oral=oral, written=written)
    return actions.consolidate(
        attempt_id=attempt.pk, actor=made.region.viewer("testing_org"), now=LATER
    )


def sent(made: Day, grade: int = 1, *, now=LATER, **more) -> Result:
    result = drawn(made, grade, **more)
    result, _warnings = actions.release(
        result_id=result.pk, identity_confirmed=True, actor=second_clerk(made), now=now
    )
    return result
