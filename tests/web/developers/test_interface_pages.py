"""The pages of the programming interface say what its description says: all of it, in two languages."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from api.builders_api import System, a_token
from builders import NOW
from merilo.web.developers.describing import Operation, by_task, operations
from merilo.web.developers.interface import ERRORS, description

RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)
ALL = operations(description())


def read(client, name: str, *arguments: str, language: str = "ru") -> str:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return answer.content.decode().replace("<wbr>", "")


def prose(page: str) -> str:
    """What a reader reads of the main part, without examples and code."""
    main = page[page.index("<main") : page.index("</main>")]
    main = re.sub(r"<(pre|code)>.*?</\1>", "", main, flags=re.S)
    return re.sub(r"<[^>]+>|data-copy=\"[^\"]*\"", " ", main)


@pytest.mark.django_db
def test_every_operation_of_the_description_stands_under_its_task(client):
    page = read(client, "interface")
    for one in ALL:
        assert reverse("interface-operation", args=[one.name]) in page
        assert f"{one.method} {one.path}" in page
    tags = [title for title, _these in by_task(ALL)]
    assert len(tags) == len(set(tags)), "a task is one table"
    assert "Как получить ключ" in page and "600" in page


@pytest.mark.django_db
@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_an_operation_tells_its_fields_roles_and_errors(client, one: Operation, language):
    page = read(client, "interface-operation", one.name, language=language)
    with override(language):
        for field in (*one.parameters, *one.body, *one.answer):
            assert f"<code>{field.name}</code>" in page, field
            assert field.meaning and field.kind, field
        for role in one.roles:
            assert role in page
    assert one.roles
    assert set(map(int, one.errors)) == set(ERRORS)
    if language == "en":
        assert not RUSSIAN.search(prose(page)), RUSSIAN.findall(prose(page))


@pytest.mark.django_db
def test_the_list_is_english_for_an_english_reader(client):
    page = prose(read(client, "interface", language="en"))
    assert not RUSSIAN.search(page)
    assert "Register an application" in page


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_an_example_gives_every_field_that_must_be_given(one: Operation):
    words = shlex.split(one.curl("https://merilo.example").replace("\\\n", " "))
    assert words[:3] == ["curl", "-X", one.method]
    assert words[3].startswith("https://merilo.example/api/v1/") and "{" not in words[3]
    assert "Authorization: Bearer $MERILO_TOKEN" in words
    assert not any(word.endswith(": ") for word in words), "a header without a value"
    if "-d" in words:
        body = json.loads(words[words.index("-d") + 1])
        needed = {field.name for field in one.body if field.required and "." not in field.name}
        assert set(body) == needed
    json.loads(one.answer_example())


@pytest.mark.django_db
def test_the_printed_example_of_a_registration_is_taken(region, hold_clock):
    hold_clock(NOW)
    [one] = [one for one in ALL if one.name == "register_application"]
    words = shlex.split(one.curl("").replace("\\\n", " "))
    body = json.loads(words[words.index("-d") + 1])
    answer = System(a_token(region, "school")).post("/applications", body)
    assert answer.status_code in (201, 409), answer.content.decode()


@pytest.mark.django_db
def test_the_limit_on_the_page_is_that_of_the_settings(client, settings):
    settings.API_CALLS_A_MINUTE = 40
    assert re.search(r"40\s*обращений", read(client, "interface"))
    settings.API_CALLS_A_MINUTE = 0
    assert "в минуту" not in read(client, "interface")


@pytest.mark.django_db
def test_only_an_administrator_is_led_to_the_keys(client, region):
    assert reverse("tokens") not in read(client, "interface")
    client.force_login(region.accounts["admin"])
    assert reverse("tokens") in read(client, "interface")


@pytest.mark.django_db
def test_an_operation_that_is_not_there_is_no_page(client):
    assert client.get(reverse("interface-operation", args=["expel"])).status_code == 404


def test_a_field_has_its_meaning_in_the_description_itself():
    for name, shape in description()["components"]["schemas"].items():
        for field, told in shape.get("properties", {}).items():
            assert told.get("description"), (name, field)
