"""Files of the register: tried first, written whole, the second time nothing; hostile ones refused."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

import pytest
from django.utils import translation

from builders import NOW, an_organisation
from merilo.foundation.documents import import_template_xlsx
from merilo.law import Refused
from merilo.registry import actions, queries
from merilo.registry.access import Forbidden, Role
from merilo.registry.imports import KINDS
from merilo.registry.models import Account, ImportRun, Organisation, Room, TestingPlace
from merilo.registry.rules import Function
from registry.builders_registry import INN, a_csv, an_xlsx

pytestmark = pytest.mark.django_db

LYCEUM = {
    "Полное наименование": "МБОУ «Лицей № 41»",
    "Краткое наименование": "Лицей № 41",
    "Муниципалитет": "Владивостокский",
    "Функции": "школа, тестирующая организация",
    "Код ГИА и ВПР": "041",
    "ИНН": INN[0],
    "Действует с": "01.09.2025",
}
ROOM = {
    "Организация": "Гимназия № 1",
    "Пункт (ППТ)": "Корпус 2",
    "Адрес пункта": "ул. Лазо, 2",
    "Аудитория": "7",
    "Рабочих мест": "10",
    "Аудиозапись": "да",
}
CLERK = {
    "Организация": "025",
    "Фамилия": "Иванова",
    "Имя": "Анна",
    "Логин": "ivanova",
    "Эл. почта": "ivanova@example.org",
    "Роль": "школа",
    "Должность": "секретарь",
}


@pytest.fixture
def admin(region):
    return region.viewer("admin")


def check(admin, kind: str, content: bytes, name: str = "file.csv") -> ImportRun:
    return actions.check_import(kind=kind, file_name=name, content=content, actor=admin, now=NOW)


def load(admin, kind: str, *rows) -> ImportRun:
    run = check(admin, kind, a_csv(kind, *rows))
    assert run.errors == []
    return actions.confirm_import(run_id=run.pk, actor=admin, now=NOW)


def counts(run: ImportRun) -> tuple[int, int, int]:
    return run.created, run.changed, run.unchanged


def refused(admin, kind: str, content: bytes, name: str) -> str:
    with pytest.raises(Refused) as wrong:
        check(admin, kind, content, name)
    assert not ImportRun.objects.exists()
    [one] = wrong.value.refusals
    return one.code


def test_a_trial_writes_nothing_and_the_word_writes_all(admin):
    run = check(admin, "organisations", a_csv("organisations", LYCEUM))
    assert counts(run) == (1, 0, 0)
    assert not Organisation.objects.filter(exam_code="041").exists()
    done = actions.confirm_import(run_id=run.pk, actor=admin, now=NOW)
    lyceum = Organisation.objects.get(exam_code="041")
    assert not done.dry_run
    assert lyceum.parent.short_name == "МОУО Владивостока"
    assert lyceum.path == f"{lyceum.parent.path}{lyceum.pk}/"
    assert {one.function for one in lyceum.functions.all()} == {"school", "testing_org"}


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("organisations", LYCEUM),
        ("places", ROOM),
        ("areas", {"Школа": "025", "Тестирующая организация": "001", "Основание": "приказ"}),
        ("staff", CLERK),
    ],
)
def test_the_same_file_a_second_time_changes_nothing(admin, kind, row):
    first = load(admin, kind, row)
    assert first.unchanged == 0
    assert counts(load(admin, kind, row)) == (0, 0, 1)


def test_a_trial_is_used_once(admin):
    run = check(admin, "organisations", a_csv("organisations", LYCEUM))
    actions.confirm_import(run_id=run.pk, actor=admin, now=NOW)
    with pytest.raises(Refused):
        actions.confirm_import(run_id=run.pk, actor=admin, now=NOW)


def test_a_file_is_judged_anew_when_the_word_is_given(region, admin):
    run = check(admin, "organisations", a_csv("organisations", LYCEUM))
    an_organisation(
        "Чужой лицей", region.far_school.territory, region.other_mouo, exam_code="041", inn=INN[1]
    )
    with pytest.raises(Refused):
        actions.confirm_import(run_id=run.pk, actor=admin, now=NOW)
    assert not Organisation.objects.filter(inn=INN[0]).exists()


def test_every_mistake_of_every_row_is_named_at_once(admin):
    bad = LYCEUM | {
        "Муниципалитет": "Атлантида",
        "Код ГИА и ВПР": "41",
        "ИНН": "123",
        "Функции": "школа, библиотека",
        "Эл. почта": "без собаки",
        "Действует с": "31.02.2026",
    }
    run = check(admin, "organisations", a_csv("organisations", LYCEUM, bad, {"ИНН": INN[2]}))
    text = "\n".join(run.errors)
    for heading in (
        "Муниципалитет",
        "Код ГИА и ВПР",
        "ИНН",
        "Функции",
        "Эл. почта",
        "Действует с",
    ):
        assert f"строка 3, столбец «{heading}»" in text
    assert "строка 4, столбец «Полное наименование»: не заполнено" in text
    assert not any(error.startswith("строка 2") for error in run.errors)
    with pytest.raises(Refused) as wrong:
        actions.confirm_import(run_id=run.pk, actor=admin, now=NOW)
    assert "строк с ошибками: 2" in str(wrong.value)
    assert not Organisation.objects.filter(exam_code="041").exists()


def test_two_rows_about_one_organisation_are_refused(admin):
    run = check(
        admin,
        "organisations",
        a_csv("organisations", LYCEUM, LYCEUM | {"Краткое наименование": "Лицей"}),
    )
    assert any("уже есть в строке 2" in error for error in run.errors)


def test_a_parent_may_stand_in_the_same_file_after_its_school(region, admin):
    mouo = {
        "Полное наименование": "Управление образования Артёма",
        "Краткое наименование": "МОУО Артёма",
        "Муниципалитет": "Находкинский",
        "Функции": "МОУО",
        "ИНН": INN[3],
    }
    load(admin, "organisations", LYCEUM | {"Вышестоящая организация": "МОУО Артёма"}, mouo)
    lyceum = Organisation.objects.get(exam_code="041")
    assert lyceum.parent.short_name == "МОУО Артёма"
    assert lyceum.parent.parent == region.ministry


def test_organisations_that_stand_above_each_other_are_refused(admin):
    one = LYCEUM | {"Вышестоящая организация": "Лицей № 42"}
    other = LYCEUM | {
        "Полное наименование": "МБОУ «Лицей № 42»",
        "Краткое наименование": "Лицей № 42",
        "Код ГИА и ВПР": "042",
        "ИНН": INN[1],
        "Вышестоящая организация": "Лицей № 41",
    }
    run = check(admin, "organisations", a_csv("organisations", one, other))
    assert any("по кругу" in error for error in run.errors)


def test_a_district_and_an_okrug_of_one_name_need_the_kind(region, admin):
    from builders import OPENED
    from merilo.registry.models import Territory
    from merilo.registry.rules import TerritoryKind

    Territory.objects.create(
        code="25-09",
        name="Владивостокский",
        kind=TerritoryKind.MUNICIPAL_OKRUG,
        parent=region.territory,
        valid_from=OPENED,
    )
    run = check(admin, "organisations", a_csv("organisations", LYCEUM))
    assert "Укажите вид" in run.errors[0]
    run = check(
        admin,
        "organisations",
        a_csv("organisations", LYCEUM | {"Вид муниципалитета": "городской округ"}),
    )
    assert run.errors == []


def test_a_file_corrects_what_is_filled_and_leaves_what_is_empty(admin):
    load(admin, "organisations", LYCEUM | {"Телефон": "+7 423 200"})
    run = load(admin, "organisations", LYCEUM | {"Адрес": "ул. Лазо, 5"})
    assert counts(run) == (0, 1, 0)
    lyceum = Organisation.objects.get(exam_code="041")
    assert (lyceum.address, lyceum.phone) == ("ул. Лазо, 5", "+7 423 200")


def test_rooms_of_one_place_make_one_place(admin):
    run = load(admin, "places", ROOM, ROOM | {"Аудитория": "8", "Рабочих мест": "15"})
    assert counts(run) == (2, 0, 0)
    place = TestingPlace.objects.get(name="Корпус 2")
    assert [
        (r.number, r.workplaces, r.audio, r.video) for r in place.rooms.order_by("number")
    ] == [
        ("7", 10, True, False),
        ("8", 15, True, False),
    ]
    run = load(admin, "places", ROOM | {"Рабочих мест": "11"})
    assert counts(run) == (0, 1, 0)
    assert Room.objects.get(place=place, number="7").workplaces == 11


def test_a_place_belongs_to_a_testing_organisation_only(admin):
    run = check(admin, "places", a_csv("places", ROOM | {"Организация": "025"}))
    assert any("не тестирующая организация" in error for error in run.errors)


def test_staff_get_accounts_without_a_password_and_several_roles(region, admin):
    second = CLERK | {
        "Организация": "001",
        "Роль": "тестирующая организация",
        "Должность": "эксперт",
    }
    load(admin, "staff", CLERK, second)
    account = Account.objects.get(login="ivanova")
    assert not account.has_usable_password()
    assert {(one.role, one.organisation_id) for one in account.positions.all()} == {
        (Role.SCHOOL, region.school.pk),
        (Role.TESTING_ORG, region.testing_org.pk),
    }
    assert account.person.full_name == "Иванова Анна"


def test_a_file_never_takes_over_the_login_of_another_person(admin):
    load(admin, "staff", CLERK)
    run = check(admin, "staff", a_csv("staff", CLERK | {"Фамилия": "Петрова"}))
    assert any("другим человеком" in error for error in run.errors)


def test_a_role_of_the_region_is_not_given_in_a_school(admin):
    run = check(admin, "staff", a_csv("staff", CLERK | {"Роль": "аудитор"}))
    assert any("Роль «аудитор»" in error for error in run.errors)


def test_one_roster_names_schools_and_staff(region, admin):
    an_organisation(
        "Лицей № 7", region.school.territory, region.mouo, Function.SCHOOL, source_id="mouo-x"
    )
    orgs = (
        {"sourcedId": "m1", "name": "МОУО Владивостока", "type": "district"},
        {
            "sourcedId": "s9",
            "name": "Школа № 9",
            "type": "school",
            "identifier": "009",
            "parentSourcedId": "m1",
        },
        {"sourcedId": "s25", "name": "School 25", "type": "school", "identifier": "025"},
    )
    content = a_csv("oneroster-orgs", *orgs, delimiter=",", encoding="utf-8")
    run = check(admin, "oneroster-orgs", content)
    assert run.errors == []
    actions.confirm_import(run_id=run.pk, actor=admin, now=NOW)
    new = Organisation.objects.get(source_id="s9")
    assert (new.exam_code, new.parent, new.territory) == (
        "009",
        region.mouo,
        region.mouo.territory,
    )
    region.school.refresh_from_db()
    assert (region.school.source_id, region.school.name) == ("s25", "СОШ № 25")
    user = {
        "sourcedId": "u1",
        "givenName": "Анна",
        "familyName": "Иванова",
        "role": "administrator",
        "orgSourcedIds": "s25,s9",
        "username": "Ivanova",
    }
    load(admin, "oneroster-users", user)
    account = Account.objects.get(login="ivanova")
    assert {one.organisation.source_id for one in account.positions.all()} == {"s25", "s9"}
    run = check(admin, "oneroster-users", a_csv("oneroster-users", user | {"role": "student"}))
    assert any("приходят с заявлением" in error for error in run.errors)
    assert counts(load(admin, "oneroster-orgs", *orgs)) == (0, 0, 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_csv_is_read_in_the_encodings_and_delimiters_of_offices(admin, encoding, delimiter):
    content = a_csv("organisations", LYCEUM, delimiter=delimiter, encoding=encoding)
    assert counts(check(admin, "organisations", content)) == (1, 0, 0)


def test_a_filled_template_is_read_as_it_is(admin):
    columns = KINDS["organisations"].columns
    template = import_template_xlsx(columns, title="Организации")
    assert refused(admin, "organisations", template, "t.xlsx") == "tables.empty"
    row = [LYCEUM.get(column.heading, "") for column in columns]
    content = an_xlsx([column.heading for column in columns], row)
    assert counts(check(admin, "organisations", content, "f.xlsx")) == (1, 0, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_template_whose_example_can_be_read(admin, kind):
    columns = KINDS[kind].columns
    assert import_template_xlsx(columns, title=KINDS[kind].title)
    content = an_xlsx([c.heading for c in columns], [c.example for c in columns])
    assert check(admin, kind, content, "example.xlsx").rows == 1


def test_a_formula_is_text_like_any_other(admin):
    row = LYCEUM | {"Руководитель": '=HYPERLINK("http://evil")'}
    load(admin, "organisations", row)
    assert Organisation.objects.get(exam_code="041").head == row["Руководитель"]


def zipped(**parts: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return out.getvalue()


def far_cell(reference: str) -> bytes:
    """A workbook one cell of which says it stands very far away."""
    source = BytesIO(an_xlsx(["Школа", "Тестирующая организация"], ["025", "001"]))
    out = BytesIO()
    with zipfile.ZipFile(source) as packed, zipfile.ZipFile(out, "w") as made:
        for part in packed.namelist():
            text = packed.read(part)
            if part.endswith("sheet1.xml"):
                text = text.replace(b'r="B2"', f'r="{reference}"'.encode())
            made.writestr(part, text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "empty.csv", "tables.headings-missing"),
        (b"PK\x03\x04 broken", "broken.xlsx", "tables.not-a-table"),
        (zipped(hello=b"world"), "not-a-book.xlsx", "tables.not-a-table"),
        (an_xlsx(["Школа"], ["1"])[:-200], "cut.xlsx", "tables.not-a-table"),
        (
            zipped(**{"xl/worksheets/sheet1.xml": b"0" * (60 * 2**20)}),
            "bomb.xlsx",
            "tables.unpacks-too-big",
        ),
        (far_cell("XFD1048576"), "far.xlsx", "tables.too-wide"),
        (far_cell("B1048576"), "deep.xlsx", "tables.too-many-rows"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old.xls", "tables.not-a-table"),
        (
            "Школа;Тестирующая организация\n025;001".encode("utf-16"),
            "wide.csv",
            "tables.encoding-unknown",
        ),
        (
            "Школа;Тестирующая организация\n025;001".encode("koi8-r"),
            "koi.csv",
            "tables.encoding-unknown",
        ),
        (bytes(range(1, 256)) * 4, "binary.csv", "tables.encoding-unknown"),
        (
            "Школа;Школа;Тестирующая организация\n1;2;3".encode(),
            "twice.csv",
            "tables.heading-twice",
        ),
        (
            "Школа;Тестирующая организация;Цвет\n1;2;3".encode(),
            "more.csv",
            "tables.headings-unknown",
        ),
        ("Школа;Основание\n1;2".encode(), "less.csv", "tables.headings-missing"),
        ("Школа;Тестирующая организация\n;\n".encode(), "blank.csv", "tables.empty"),
        (b"x" * (11 * 2**20), "big.csv", "tables.too-big"),
        (
            ("Школа;Тестирующая организация\n" + "025;001\n" * 100_001).encode(),
            "long.csv",
            "tables.too-many-rows",
        ),
        (
            ('Школа;Тестирующая организация\n"' + "а" * 200_000).encode(),
            "cell.csv",
            "tables.not-a-table",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_file_is_refused_with_a_reason_and_leaves_nothing(admin, content, name, code):
    assert refused(admin, "areas", content, name) == code


def test_cells_that_are_no_text_of_people_are_refused(admin):
    long = LYCEUM | {"Краткое наименование": "а" * 121}
    odd = LYCEUM | {"Руководитель": "Ива\x07нова", "Код ГИА и ВПР": "043", "ИНН": INN[4]}
    run = check(admin, "organisations", a_csv("organisations", long, odd))
    assert any("длиннее 120" in error for error in run.errors)
    assert any("непечатные" in error for error in run.errors)


def test_only_an_administrator_imports_and_sees_imports(region, admin):
    with pytest.raises(Forbidden):
        check(region.viewer("ministry"), "areas", a_csv("areas", {"Школа": "025"}))
    check(admin, "areas", a_csv("areas", {"Школа": "025"}))
    assert queries.import_runs(admin).count() == 1
    assert not queries.import_runs(region.viewer("ministry")).exists()


def test_ten_rows_ask_the_database_as_often_as_one(admin, django_assert_max_num_queries):
    def rows(many):
        return [
            LYCEUM
            | {
                "Полное наименование": f"Школа {n}",
                "Краткое наименование": f"Школа {n}",
                "Код ГИА и ВПР": f"{500 + n}",
                "ИНН": "",
            }
            for n in range(many)
        ]

    with django_assert_max_num_queries(12):
        check(admin, "organisations", a_csv("organisations", *rows(1)))
    with django_assert_max_num_queries(12):
        check(admin, "organisations", a_csv("organisations", *rows(10)))


def test_who_reads_english_is_told_in_english_what_is_wrong(admin):
    with translation.override("en"):
        wrong = LYCEUM | {"Код ГИА и ВПР": "O41", "Действует с": "31.02.2026", "Функции": ""}
        run = check(admin, "organisations", a_csv("organisations", wrong))
        staff = check(admin, "staff", a_csv("staff", CLERK | {"Логин": "Иванова"}))
    quoted = re.compile("“[^”]*”")
    said = [quoted.sub("", one) for one in (*run.errors, *staff.errors)]
    assert len(said) >= 4
    assert [one for one in said if re.search("[а-яё]", one, re.IGNORECASE)] == []
