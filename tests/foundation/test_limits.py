"""Counts of calls: held by the database, so all processes together never let one more through."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from merilo.foundation.limits import counting
from merilo.foundation.limits.models import CallCount

NOON = datetime(2026, 3, 16, 12, 0, 0, tzinfo=UTC)


def waits(count: int, *, now: datetime = NOON, subject: str = "token:1", at_most: int = 3):
    return [counting.wait_after(subject, at_most=at_most, now=now) for _ in range(count)]


@pytest.mark.django_db
def test_the_calls_up_to_the_limit_pass_and_the_rest_is_told_when_the_minute_ends():
    assert waits(5, now=NOON + timedelta(seconds=18)) == [0, 0, 0, 42, 42]


@pytest.mark.django_db
def test_the_next_minute_begins_anew():
    waits(5)
    assert waits(1, now=NOON + timedelta(seconds=59)) == [1]
    assert waits(1, now=NOON + timedelta(seconds=60)) == [0]


@pytest.mark.django_db
def test_each_subject_is_counted_alone_and_zero_is_no_limit():
    assert waits(4)[-1] == 60
    assert waits(1, subject="token:2") == [0]
    assert waits(4, at_most=0) == [0] * 4


def test_an_ipv6_subscriber_is_one_address_and_nonsense_is_one_too():
    one, same, other = "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"
    assert counting.of_address(one) == counting.of_address(same) != counting.of_address(other)
    assert counting.of_address("203.0.113.7") == "address:203.0.113.7"
    assert counting.of_address("") == counting.of_address("x" * 500) == "address:unknown"


@pytest.mark.django_db
def test_counts_of_yesterday_are_forgotten():
    waits(1, now=NOON - timedelta(days=2))
    waits(1)
    assert counting.forget_old(now=NOON) == 1
    assert CallCount.objects.get().since == NOON


@pytest.mark.django_db(transaction=True)
def test_many_at_once_lose_no_call():
    def call(_number: int) -> int:
        try:
            return counting.wait_after("token:1", at_most=10, now=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(call, range(40)))
    assert answers.count(0) == 10
    assert CallCount.objects.get().calls == 40
