"""Pages of the register: who sees them, what they write, what is shown once."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from builders import NOW
from merilo.registry.models import Account, ApiToken, ImportRun, Organisation, TestingPlace
from registry.builders_registry import a_csv

pytestmark = pytest.mark.django_db

LISTS = ("organisations", "accounts", "tokens", "imports", "organisation-new", "account-new")


@pytest.fixture
def at(client, region, hold_clock):
    hold_clock(NOW)

    def sign_in(who: str):
        client.force_login(region.accounts[who])
        return client

    return sign_in


@pytest.mark.parametrize("name", LISTS)
def test_an_administrator_opens_every_page(at, name):
    answer = at("admin").get(reverse(name))
    assert answer.status_code == 200
    assert "<main" in answer.content.decode()


@pytest.mark.parametrize("who", ["ministry", "rcoi", "mouo", "auditor"])
def test_those_above_read_the_register_and_change_nothing(at, region, who):
    client = at(who)
    assert client.get(reverse("organisations")).status_code == 200
    page = client.get(reverse("organisation", args=[region.school.pk]))
    assert page.status_code == 200
    assert "Закончить" not in page.content.decode()
    answer = client.post(
        reverse("organisation", args=[region.school.pk]),
        {"task": "end", "end-what": "organisation:0", "end-until": "16.03.2026"},
    )
    assert answer.status_code == 422
    assert Organisation.objects.get(pk=region.school.pk).valid_to is None
    for name in ("organisation-new", "accounts", "tokens", "imports"):
        assert client.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("who", ["school", "testing_org", "expert"])
def test_others_have_no_register(at, who):
    for name in LISTS:
        assert at(who).get(reverse(name)).status_code == 403


def test_a_foreign_organisation_is_not_there_for_a_mouo(at, region):
    page = reverse("organisation", args=[region.far_school.pk])
    assert at("mouo").get(page).status_code == 404
    assert at("admin").get(page).status_code == 200


def test_the_list_is_filtered_by_municipality_function_words_and_day(at, region):
    client = at("admin")

    def shown(**asked):
        return client.get(reverse("organisations"), asked).content.decode()

    assert "СОШ № 3" in shown(territory=region.far_school.territory_id)
    assert "СОШ № 25" not in shown(territory=region.far_school.territory_id)
    mouo = reverse("organisation", args=[region.other_mouo.pk])
    assert mouo in shown()
    assert mouo not in shown(function="school")
    assert "СОШ № 26" in shown(text="026")
    assert "Таких организаций нет" in shown(on="01.01.2024")
    assert client.get(reverse("organisations"), {"format": "xlsx"}).status_code == 200


@pytest.mark.parametrize("many", [1, 3, 30])
def test_a_longer_list_asks_no_more_questions(at, region, many, django_assert_max_num_queries):
    from builders import an_organisation

    for number in range(many):
        an_organisation(f"Школа {number}", region.mouo.territory, region.mouo)
    client = at("admin")
    client.get(reverse("organisations"))
    with django_assert_max_num_queries(22):
        client.get(reverse("organisations"))


def test_a_school_is_added_corrected_and_closed(at, region):
    client = at("admin")
    new = {
        "parent": region.mouo.pk,
        "name": "МБОУ «СОШ № 30»",
        "short_name": "СОШ № 30",
        "territory": region.mouo.territory_id,
        "exam_code": "030",
        "ownership": "municipal",
        "functions": ["school"],
        "valid_from": "01.03.2026",
    }
    wrong = client.post(reverse("organisation-new"), new | {"exam_code": "025"})
    assert wrong.status_code == 422
    assert "Код 025 уже у организации" in wrong.content.decode()
    made = client.post(reverse("organisation-new"), new)
    school = Organisation.objects.get(exam_code="030")
    page = reverse("organisation", args=[school.pk])
    assert made.headers["Location"] == page
    edit = reverse("organisation-edit", args=[school.pk])
    assert client.get(edit).status_code == 200
    client.post(edit, new | {"address": "ул. Лазо, 3"})
    assert "ул. Лазо, 3" in client.get(page).content.decode()
    area = {
        "task": "area",
        "area-testing_org": region.testing_org.pk,
        "area-valid_from": "01.03.2026",
        "area-basis": "",
    }
    assert client.post(page, area).status_code == 302
    ended = client.post(
        page, {"task": "end", "end-what": "organisation:0", "end-until": "16.03.2026"}
    )
    assert ended.status_code == 302
    school.refresh_from_db()
    assert str(school.valid_to) == "2026-03-16"
    assert "закрыта" in client.get(page).content.decode()


def test_a_place_and_a_room_are_added_on_the_page_of_their_organisation(at, region):
    client = at("admin")
    page = reverse("organisation", args=[region.testing_org.pk])
    place = {
        "task": "place",
        "place-name": "Корпус 2",
        "place-address": "ул. Лазо, 2",
        "place-valid_from": "01.03.2026",
    }
    assert client.post(page, place).status_code == 302
    made = TestingPlace.objects.get(name="Корпус 2")
    room = {
        "task": "room",
        "room-place": made.pk,
        "room-number": "7",
        "room-workplaces": "10",
        "room-for_oral": "on",
        "room-valid_from": "01.03.2026",
    }
    assert client.post(page, room).status_code == 302
    again = client.post(page, room)
    assert again.status_code == 422
    assert "Аудитория 7 в этом пункте уже есть" in again.content.decode()


def test_a_new_person_gets_a_password_that_must_be_changed_at_once(at, region, client):
    new = {
        "last_name": "Иванова",
        "first_name": "Анна",
        "login": "Ivanova",
        "organisation": region.school.pk,
        "role": "school",
        "title": "секретарь",
        "valid_from": "16.03.2026",
    }
    answer = at("admin").post(reverse("account-new"), new)
    account = Account.objects.get(login="ivanova")
    assert "no-store" in answer.headers["Cache-Control"]
    password = next(
        word
        for word in answer.content.decode().replace("<", " ").replace(">", " ").split()
        if account.check_password(word)
    )
    client.logout()
    assert client.login(username="ivanova", password=password)
    assert client.get("/").headers["Location"] == reverse("account_change_password")
    changed = client.post(
        reverse("account_change_password"),
        {"oldpassword": password, "password1": "korabl-7-luna", "password2": "korabl-7-luna"},
    )
    assert changed.status_code == 302
    assert client.get("/").status_code == 200


def test_a_position_is_given_and_ended_and_an_account_switched_off(at, region):
    client = at("admin")
    account = region.accounts["school"]
    page = reverse("account", args=[account.pk])
    give = {
        "task": "give",
        "organisation": region.other_school.pk,
        "role": "school",
        "title": "секретарь",
        "valid_from": "16.03.2026",
    }
    assert client.post(page, give).status_code == 302
    assert client.post(page, give).status_code == 422
    assert client.post(page, give | {"role": "auditor"}).status_code == 422
    second = account.positions.get(organisation=region.other_school)
    end = {"task": "end", "end-which": second.pk, "end-until": "16.03.2026"}
    assert client.post(page, end).status_code == 302
    assert client.post(page, {"task": "off"}).status_code == 302
    account.refresh_from_db()
    assert not account.is_active
    assert client.post(page, {"task": "on"}).status_code == 302
    assert client.post(page, {"task": "password"}).status_code == 200


def test_a_key_is_shown_once_and_can_be_revoked(at, region):
    client = at("admin")
    position = region.viewer("school").position_id
    made = client.post(
        reverse("tokens"),
        {"task": "make", "name": "АИС", "position": position, "expires_on": "01.06.2026"},
    )
    token = ApiToken.objects.get()
    assert token.prefix in made.content.decode()
    assert "Скопируйте" in made.content.decode()
    later = client.get(reverse("tokens")).content.decode()
    assert "Скопируйте" not in later
    client.post(reverse("tokens"), {"which": token.pk})
    token.refresh_from_db()
    assert token.revoked_at == NOW


def test_a_file_is_tried_and_then_written(at, region):
    client = at("admin")
    content = a_csv(
        "areas", {"Школа": "025", "Тестирующая организация": "001", "Основание": "приказ 5"}
    )
    sent = SimpleUploadedFile("areas.csv", content)
    answer = client.post(reverse("imports"), {"kind": "areas", "file": sent})
    run = ImportRun.objects.get()
    assert answer.headers["Location"] == reverse("import-run", args=[run.pk])
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Записать в реестр" in page
    assert "приказ 5" in page
    done = client.post(reverse("import-run", args=[run.pk]))
    assert "Файл загружен целиком" in client.get(done.headers["Location"]).content.decode()
    assert "использована" in client.get(reverse("import-run", args=[run.pk])).content.decode()


def test_mistakes_of_a_file_stand_on_the_page_and_cannot_be_written(at):
    client = at("admin")
    sent = SimpleUploadedFile("areas.csv", a_csv("areas", {"Школа": "777"}))
    where = client.post(reverse("imports"), {"kind": "areas", "file": sent}).headers["Location"]
    page = client.get(where).content.decode()
    assert "строка 2, столбец «Школа»" in page
    assert "строка 2, столбец «Тестирующая организация»" in page
    assert "Записать в реестр" not in page
    client.post(where)
    assert not ImportRun.objects.filter(dry_run=False).exists()


def test_a_file_that_is_no_table_is_refused_with_a_sentence(at):
    sent = SimpleUploadedFile("areas.xlsx", b"PK not a book")
    answer = at("admin").post(reverse("imports"), {"kind": "areas", "file": sent})
    assert answer.status_code == 422
    assert "не похож на таблицу" in answer.content.decode()


@pytest.mark.parametrize("kind", ["organisations", "staff", "oneroster-users"])
def test_templates_are_downloaded(at, kind):
    answer = at("admin").get(reverse("import-template", args=[kind]))
    assert answer.content[:2] == b"PK"
    assert at("admin").get(reverse("import-template", args=["nothing"])).status_code == 404
