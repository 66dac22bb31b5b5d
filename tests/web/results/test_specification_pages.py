"""Loading a specification: a dry run first, every error at once, nothing half-written."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from builders import NOW
from merilo.grading.models import Specification

pytestmark = pytest.mark.django_db

HEAD = "Часть;Задание;Критерий;Максимум\n"
ORAL = "".join(f"устная;{1 + n // 3};Д{n};1\n" for n in range(1, 11))
WRITTEN = "".join(f"письменная;{n};35;1\n".replace("35", f"З{n}") for n in range(5, 15))
FIELDS = {
    "source": "письмо № 1",
    "spec_id": "grade-2-2026",
    "grades": "2",
    "valid_from": "01.03.2026",
    "total_min": "18",
    "oral_min": "9",
    "act": "order-23a-566",
    "paragraph": "приложение 3",
}


@pytest.fixture
def rcoi(region, client, hold_clock):
    hold_clock(NOW)
    client.force_login(region.accounts["rcoi"])
    return client


def upload(client, name: str, content: str | bytes, **fields):
    data = content.encode() if isinstance(content, str) else content
    return client.post(
        reverse("specification-load"),
        {"file": SimpleUploadedFile(name, data), **(fields or FIELDS)},
    )


def test_a_table_of_criteria_is_shown_first_and_loaded_after_confirmation(rcoi):
    answer = upload(rcoi, "k.csv", HEAD + ORAL + WRITTEN)
    html = answer.content.decode()
    assert "пока ничего не записано" in html and "18 из 20" in html
    assert not Specification.objects.exists()
    payload = answer.context["payload"]
    answer = rcoi.post(reverse("specification-confirm"), {"payload": payload}, follow=True)
    assert "Спецификация grade-2-2026 загружена" in answer.content.decode()
    assert Specification.objects.get().grades == [2]
    answer = rcoi.post(reverse("specification-confirm"), {"payload": payload}, follow=True)
    assert "уже загружена" in answer.content.decode()


def test_every_wrong_row_is_named_at_once(rcoi):
    html = upload(
        rcoi, "k.csv", HEAD + "средняя;1;Д1;1\nустная;а;Д1;1\nустная;1;Д1;0\n", **FIELDS
    ).content.decode()
    for said in ("Строка 2: часть", "Строка 3: номер задания", "Строка 4: максимум", "уже есть"):
        assert said in html
    assert not Specification.objects.exists()


def test_a_table_needs_its_thresholds(rcoi):
    html = upload(rcoi, "k.csv", HEAD + ORAL, source="письмо").content.decode()
    assert html.count("Для таблицы критериев заполните это поле") >= 7


def test_look_alike_letters_of_codes_are_put_right(rcoi):
    answer = upload(rcoi, "k.csv", HEAD + ORAL + WRITTEN.replace("З10", "310"))
    assert "З10" in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "не JSON"),
        ("[1]", "Это не JSON"),
        ('{"id": 5}', "Не хватает"),
        (
            json.dumps({"id": "x", "grades": "2", "form": "устная", "thresholds": []}),
            "список чисел",
        ),
        (b"\xff\xfe{", "столбцов"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(rcoi, content, said):
    name = "s.json" if not isinstance(content, bytes) else "s.xlsx"
    html = upload(rcoi, name, content, source="письмо").content.decode()
    if content == "[1]":
        said = "объект JSON"
    assert said in html.replace("&quot;", '"')


def test_the_example_can_be_loaded_under_another_number(rcoi):
    data = rcoi.get(reverse("specification-json", args=["grade-10"])).json()
    html = upload(rcoi, "s.json", json.dumps(data), source="письмо").content.decode()
    assert "уже загружена" in html
    html = upload(rcoi, "s.json", json.dumps(data | {"id": "g10-b"}), source="письмо")
    assert "Ошибок нет" in html.content.decode()


def test_sums_that_contradict_the_thresholds_are_refused(rcoi):
    data = rcoi.get(reverse("specification-json", args=["grade-10"])).json()
    data |= {"id": "g10-b", "written": {"5": {"З5": 1}}}
    html = upload(rcoi, "s.json", json.dumps(data), source="письмо").content.decode()
    assert "сумма письменных критериев 1, а указано 14" in html


def test_a_loaded_specification_can_be_withdrawn(rcoi):
    payload = upload(rcoi, "k.csv", HEAD + ORAL + WRITTEN).context["payload"]
    rcoi.post(reverse("specification-confirm"), {"payload": payload})
    row = Specification.objects.get()
    url = reverse("specification-withdraw", args=[row.pk])
    assert "отозвана" in rcoi.post(url, follow=True).content.decode()
    assert rcoi.post(url).status_code == 404


def test_a_changed_payload_is_not_loaded(rcoi):
    answer = rcoi.post(reverse("specification-confirm"), {"payload": "x"}, follow=True)
    assert "Проверка устарела" in answer.content.decode()


def test_the_template_and_the_list_open(rcoi, region, client):
    assert rcoi.get(reverse("specification-template")).content[:2] == b"PK"
    assert "grade-10" in rcoi.get(reverse("specifications")).content.decode()
    client.force_login(region.accounts["school"])
    assert client.get(reverse("specification-load")).status_code == 403
