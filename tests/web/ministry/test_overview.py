"""The overview: every number opens the list behind it, for those who may open cases."""

from __future__ import annotations

import re
from html import unescape

import pytest

from admissions.builders_admissions import a_delivered_referral, an_application
from builders import NOW
from merilo.admissions.models import Application

pytestmark = pytest.mark.django_db

CELL = re.compile(r'<td class="number"><a href="(/applications/[^"]+)">(\d+)</a>')
NUMBER = re.compile(r'<a class="num" href="/applications/\d+/">([^<]+)</a>')


@pytest.fixture
def read(client, region, hold_clock):
    hold_clock(NOW)
    an_application(region)
    a_delivered_referral(region, child={"last_name": "Рахимов", "id_doc_number": "B1"})
    elsewhere = {"last_name": "Ибрагимов", "id_doc_number": "B2"}
    an_application(region, who="far_school", child=elsewhere)

    def page(who: str, url: str = "/overview/") -> str:
        client.force_login(region.accounts[who])
        return client.get(url).content.decode()

    return page


def test_the_list_behind_a_number_is_as_long_as_the_number(read):
    cells = CELL.findall(read("ministry"))
    assert len(cells) == 3, "two steps in one municipality, one in the other"
    seen: set[str] = set()
    for url, many in cells:
        numbers = NUMBER.findall(read("ministry", unescape(url)))
        assert len(numbers) == int(many)
        assert not seen & set(numbers), "no case is counted twice"
        seen |= set(numbers)
    assert seen == set(Application.objects.values_list("number", flat=True))


def test_the_municipality_opens_its_own(read):
    (url, many), *_more = CELL.findall(read("mouo"))
    assert len(NUMBER.findall(read("mouo", unescape(url)))) == int(many)


def test_the_data_centre_sees_numbers_and_opens_no_case(read):
    page = read("rcoi")
    assert 'class="number">1<' in page
    assert "/applications/" not in page
