"""Sheets are read back as they were written, and no cell of them ever runs."""

import zipfile
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from merilo.foundation import documents as d

COLUMNS = (
    d.Column(key="code", heading="Код", width=12),
    d.Column(key="name", heading="ФИО", width=40),
    d.Column(key="born", heading="Дата рождения", kind="date"),
    d.Column(key="total", heading="Сумма", kind="number"),
    d.Column(key="percent", heading="%", kind="percent"),
    d.Column(key="passed", heading="Успешность"),
    d.Column(key="at", heading="Отправлено", kind="datetime"),
)
ROW = {
    "code": "00509902",
    "name": "Рахимова Зарина",
    "born": date(2017, 9, 3),
    "total": 18,
    "percent": Decimal("90"),
    "passed": True,
    "at": datetime(2026, 3, 16, 9, 30),
}


def sheet(data, name=0):
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    found = (
        book.get_sheet_by_index(name) if isinstance(name, int) else book.get_sheet_by_name(name)
    )
    return found.to_python(skip_empty_area=False)


def xml_of(data, part="xl/worksheets/sheet1.xml"):
    return zipfile.ZipFile(BytesIO(data)).read(part).decode()


def test_a_list_is_read_back_as_it_was_written():
    data = d.table_xlsx(COLUMNS, [ROW], title="Результаты: март", notes=["Примечание."])
    rows = sheet(data)
    assert rows[0][0] == "Результаты: март"
    assert rows[2] == [column.heading for column in COLUMNS]
    assert rows[3] == [
        "00509902", "Рахимова Зарина", date(2017, 9, 3), 18, 90, "да",
        datetime(2026, 3, 16, 9, 30),
    ]  # fmt: skip
    assert rows[-1][0] == "Примечание."


@pytest.mark.parametrize(
    "words",
    ["=1+1", "=HYPERLINK(\"http://x\")", "+7 914 000", "-5", "@SUM(A1)", "{=A1}", "\t=1",
     "http://example.org", "0042"],
)  # fmt: skip
def test_a_cell_that_looks_like_a_formula_or_a_link_stays_words(words):
    columns = (d.Column(key="a", heading=words),)
    data = d.table_xlsx(columns, [{"a": words}], title=words, notes=[words])
    assert "<f>" not in xml_of(data)
    assert "hyperlink" not in xml_of(data)
    rows = sheet(data)
    assert rows[2] == [words]
    assert rows[3] == [words]


def test_empty_cells_and_missing_keys_are_left_empty():
    rows = sheet(d.table_xlsx(COLUMNS, [{"name": "", "code": None}, ROW]))
    assert rows[1] == [""] * len(COLUMNS)
    assert rows[2][0] == "00509902"


def test_a_list_without_rows_still_has_its_headings():
    assert sheet(d.table_xlsx(COLUMNS, []))[0] == [column.heading for column in COLUMNS]


def test_control_characters_and_endless_words_do_not_damage_the_file():
    data = d.table_xlsx(COLUMNS, [{"name": "Ким\x00\x07 А.", "code": "я" * 40_000}])
    assert sheet(data)[1][:2] == ["я" * 32_767, "Ким А."]


def test_a_moment_in_a_column_of_days_is_shown_as_a_day():
    column = d.Column(key="at", heading="День", kind="date")
    rows = sheet(d.table_xlsx((column,), [{"at": datetime(2026, 3, 16, 9, 30)}]))
    assert "2026-03-16" in str(rows[1][0])


def test_a_value_no_cell_can_hold_is_refused():
    with pytest.raises(ValueError, match="'name'"):
        d.table_xlsx(COLUMNS, [{"name": ["list"]}])


def test_the_same_rows_give_the_same_file():
    assert d.table_xlsx(COLUMNS, [ROW]) == d.table_xlsx(COLUMNS, [ROW])


def test_the_result_form_follows_the_column_map_and_says_it_is_not_the_official_form():
    picked = (COLUMNS[3], COLUMNS[0])
    rows = sheet(d.results_table_xlsx(picked, [ROW]))
    assert rows[2] == ["Сумма", "Код"]
    assert rows[3] == [18, "00509902"]
    assert "эта таблица её не заменяет" in rows[-1][0]


TEMPLATE = (
    d.TemplateColumn(
        heading="Код школы", example="007", help="Три цифры кода ГИА и ВПР.", required=True
    ),
    d.TemplateColumn(
        heading="Тип", example="школа", help="", allowed=("школа", "тестирующая организация")
    ),
    d.TemplateColumn(
        heading="Муниципалитет", example="Находкинский городской округ", help="Название.",
        allowed=tuple(f"Округ, номер {n}" for n in range(34)),
    ),
)  # fmt: skip


def test_an_import_template_is_an_empty_sheet_with_the_exact_headings():
    data = d.import_template_xlsx(TEMPLATE, title="Организации")
    assert sheet(data) == [["Код школы", "Тип", "Муниципалитет"]]


def test_the_second_sheet_explains_every_column():
    rows = sheet(d.import_template_xlsx(TEMPLATE, title="Организации"), "Как заполнять")
    assert rows[4] == ["Код школы", "да", "Три цифры кода ГИА и ВПР.", "007", ""]
    assert rows[5][1:] == ["нет", "", "школа", "школа; тестирующая организация"]
    assert rows[6][4].endswith("Округ, номер 7 … и ещё 26 — в списке ячейки")


def test_codes_keep_their_zeros_and_allowed_values_become_lists():
    data = d.import_template_xlsx(TEMPLATE)
    xml = xml_of(data)
    assert 'type="list"' in xml
    assert "Списки!$C$1:$C$34" in xml
    assert 'numFmtId="49"' in xml_of(data, "xl/styles.xml")
    assert sheet(data, "Списки")[33][-1] == "Округ, номер 33"
