"""An expert of mechanisms scores by the interface: his own work only, the same rules."""

from __future__ import annotations

import pytest

from api.builders_api import System, a_token
from builders import NOW
from mechanisms.builders_expertise import in_expertise, scored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def system(region, hold_clock):
    hold_clock(NOW)
    return System(a_token(region, "mumexpert"))


def test_an_expert_scores_and_finishes_by_the_interface(system, region):
    run = in_expertise(region)
    scored(run, "mumexpert2", "1.1", 3)
    listed = system.get("/mechanisms/appointments").json()["items"]
    assert len(listed) == 4 and {one["direction"] for one in listed} == {"1.1", "1.3"}
    own = run.appointment("mumexpert", "1.1").pk
    sheet = system.get(f"/mechanisms/appointments/{own}").json()
    assert [one["given"] for one in sheet["positions"]] == [None, None]
    first, second = (one["id"] for one in sheet["positions"])
    wrong = system.post(f"/mechanisms/appointments/{own}/marks/{first}", {"given": "0"})
    assert wrong.status_code == 409
    assert wrong.json()["reasons"][0]["code"] == "mechanisms.comment-at-extreme"
    made = system.post(
        f"/mechanisms/appointments/{own}/marks/{first}",
        {"given": "2", "deductions": ["D5"], "comment": "Стр. 2."},
    )
    assert made.status_code == 201 and made.json()["deductions"] == ["D5"]
    system.post(f"/mechanisms/appointments/{own}/marks/{second}", {"given": "3"})
    done = system.post(f"/mechanisms/appointments/{own}/finish", {})
    assert done.status_code == 201 and done.json()["state"] == "done"


def test_the_work_of_another_expert_is_not_there(system, region):
    run = in_expertise(region)
    other = run.appointment("mumexpert2", "1.1").pk
    assert system.get(f"/mechanisms/appointments/{other}").status_code == 404
    assert system.post(f"/mechanisms/appointments/{other}/finish", {}).status_code == 404
