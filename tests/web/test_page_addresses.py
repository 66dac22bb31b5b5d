"""Addresses worked out once are those the routes would give."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, reverse

from merilo.web.addresses import address


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("home", ()),
        ("application", (12,)),
        ("application", (100_000_000_000,)),
        ("application-letter", (12, 7)),
        ("application-letter", (7, 12)),
    ],
)
def test_an_address_by_numbers_is_the_one_of_the_routes(name, numbers):
    assert address(name, *numbers) == reverse(name, args=numbers)


def test_a_page_that_is_not_there_is_refused_as_ever():
    for _again in range(2):
        with pytest.raises(NoReverseMatch):
            address("no-such-page", 1)
        with pytest.raises(NoReverseMatch):
            address("application", 1, 2, 3)


def test_a_template_may_still_name_a_page_by_words_keys_or_a_variable():
    said = Template(
        "{% url 'rule' 'booking.min_lead_wd' %} {% url name 5 %} "
        "{% url 'application' application_id=6 %} {% url 'application' n as there %}{{ there }}"
    ).render(Context({"name": "application", "n": 7}))
    assert said.split() == [
        reverse("rule", args=["booking.min_lead_wd"]),
        *(reverse("application", args=[n]) for n in (5, 6, 7)),
    ]


def test_a_page_without_its_number_is_a_mistake_of_the_template():
    with pytest.raises(NoReverseMatch):
        Template("{% url 'application' gone %}").render(Context({}))
