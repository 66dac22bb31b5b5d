"""«Уведомление о результатах тестирования» says what the act says, row by row."""

from dataclasses import replace
from decimal import Decimal

import pytest
from paper_examples import (
    ANNULLED,
    GRADE_1,
    GRADE_2,
    GRADE_10,
    LITERAL_5,
    LONG_NAME,
    ORAL_10,
    ORAL_ONLY_7,
    ORDER_FORM,
    WRITTEN_10,
    tasks,
)
from paper_reading import docx_rows, docx_text, pdf_pages, pdf_text

from merilo.foundation import documents as d

FORMS = {
    "grade 1": GRADE_1,
    "grade 2, totals only": GRADE_2,
    "grade 7, oral only": ORAL_ONLY_7,
    "grade 10": GRADE_10,
    "order form": ORDER_FORM,
    "literal form, grade 5": LITERAL_5,
}


def both(form):
    """The text of the PDF and of the DOCX."""
    return pdf_text(d.result_notice_pdf(form)), docx_text(d.result_notice_docx(form))


def in_order(text, *phrases):
    """True when the phrases follow one another in the text.

    For the DOCX, or for rows of the PDF without merged cells: a PDF draws a merged cell last.
    """
    place = 0
    for phrase in phrases:
        found = text.find(phrase, place)
        if found < 0:
            return False
        place = found + len(phrase)
    return True


def test_grade_10_has_the_rows_of_the_act_in_its_order():
    pdf, docx = both(GRADE_10)
    assert in_order(pdf, "Д1", "М1", "Ч1", "Вариант ПЧ", "З5", "И1", "З10", "Сумма ПБ за УЧ")
    assert "о результатах тестирования (2–11 класс)" in pdf
    assert in_order(
            docx,
            "(2–11 класс)",
            "Наименование тестирующей организации",
            "Дата тестирования", "14.04.2026",
            "Класс поступления", "10",
            "ФИО участника тестирования", "Рахимов Фаррух Саидович",
            "Серия и номер документа, удостоверяющего личность",
            "Вариант УЧ", "УЧ-103",
            "Задание 1", "Д1", "Д2", "Задание 2", "М1", "М2", "М3",
            "Задание 3", "Ч1", "Ч2", "Ч3", "Задание 4", "П1", "П2",
            "Вариант ПЧ", "ПЧ-211",
            "Задание 5", "З5", "Задание 8", "З8", "Задание 9", "И1", "И2", "И3", "И4",
            "Задание 10", "З10", "Задание 15", "З15",
            "Сумма ПБ за УЧ", "9", "Сумма ПБ за ПЧ", "13", "Общее количество ПБ", "22",
            "Процент от макс. количества ПБ", "91,7 %",
            "Достижение 22 ПБ (мин. ПБ успешности)", "да",
            "Достижение 9 ПБ за УЧ", "да",
            "Успешность прохождения тестирования (да / нет)", "да",
        )  # fmt: skip


def test_every_criterion_code_of_the_form_is_cyrillic():
    codes = " ".join(codes for _, codes in (*ORAL_10, *WRITTEN_10)).split()
    assert len(codes) == 24
    assert all("А" <= code[0] <= "Я" and code[1:].isdigit() for code in codes)


def test_each_mark_stands_in_the_row_of_its_own_criterion():
    rows = docx_rows(d.result_notice_docx(GRADE_10))
    marks = {row[-2]: row[-1] for row in rows if len(row) == 4}
    assert len(marks) == 24
    assert [code for code, mark in marks.items() if mark == "0"] == ["Ч2", "З13"]


def test_a_task_names_itself_once_over_its_criteria_in_the_editable_notice():
    rows = docx_rows(d.result_notice_docx(GRADE_10))
    assert [row[1:3] for row in rows if row[-2] in ("И1", "И2", "И3", "И4")] == [
        ["Задание 9", code] for code in ("И1", "И2", "И3", "И4")
    ]
    document_text = docx_text(d.result_notice_docx(GRADE_10))
    assert "{{" not in document_text
    assert "{%" not in document_text


def test_grade_1_has_its_own_layout_without_variant_and_written_part():
    for text in both(GRADE_1):
        assert "о результатах тестирования (1 класс)" in text
        assert "Вариант" not in text
        assert "ПИСЬМЕННОЙ" not in text
        assert in_order(
            text, "Д1", "Д2", "Д3", "М1", "М2", "Ч1", "Ч2", "Ч3", "П1", "П2",
            "Общее количество ПБ (из 10)", "8",
            "Процент от максимального количества ПБ", "80,0 %",
            "Достижение 9 ПБ за УЧ", "нет",
            "Успешность прохождения тестирования (да / нет)", "нет",
        )  # fmt: skip


def test_the_minimum_printed_is_the_one_the_attempt_was_judged_by():
    for text in both(GRADE_2):
        assert "Достижение 18 ПБ (мин. ПБ успешности)" in text
        assert "Достижение 22" not in text


def test_without_a_specification_the_written_part_shows_only_its_sum_and_says_why():
    for text in both(GRADE_2):
        assert "Спецификация письменной части для 2 класса не загружена" in text
        assert in_order(text, "Сумма ПБ за УЧ", "9", "Сумма ПБ за ПЧ", "9", "18", "90,0 %")
        assert "Задание 5" not in text
        assert "И1" not in text


def test_an_oral_only_participant_is_told_that_there_was_no_written_part():
    for text in both(ORAL_ONLY_7):
        assert "Письменная часть не проводилась" in text
        assert in_order(text, "Сумма ПБ за ПЧ", "—", "Достижение 9 ПБ (мин. ПБ успешности)")


def test_the_order_form_prints_nothing_but_the_form():
    for text in both(ORDER_FORM):
        assert "Достижение 22 ПБ (мин. ПБ успешности)" in text
        assert "Что дальше" not in text
        assert "10-0007" not in text
        assert "Уникальный код" not in text
        assert "Петрова" not in text


def test_the_literal_form_serves_grade_5_judged_by_22_and_9():
    for text in both(LITERAL_5):
        assert in_order(text, "Класс поступления", "5", "З15", "Достижение 22 ПБ")


def test_the_order_form_is_refused_where_other_minimums_judged():
    grade_5 = replace(
        GRADE_2, grade=5, as_order_form=True,
        written=d.Part(tasks=tasks(WRITTEN_10[:6], {"З5"}), total=8, total_max=10),
        total=17, passed=False, total_reached=False,
    )  # fmt: skip
    with pytest.raises(d.Contradiction, match="22 and 9"):
        d.result_notice_pdf(grade_5)


def test_the_order_form_of_grade_1_prints_its_own_figures_too():
    bare = replace(GRADE_1, as_order_form=True)
    assert "Общее количество ПБ (из 10)" in pdf_text(d.result_notice_pdf(bare))
    with pytest.raises(d.Contradiction, match="judged by 12 and 9"):
        d.result_notice_pdf(replace(bare, total_max=12))


def test_the_order_form_is_refused_without_marks_for_every_criterion():
    with pytest.raises(d.Contradiction, match="every criterion"):
        d.result_notice_pdf(replace(GRADE_2, as_order_form=True))


def test_an_annulled_result_shows_the_reason_and_no_points():
    for text in both(ANNULLED):
        assert "аннулированы" in text
        assert "пользование средствами связи" in text
        assert "F17_DEVICE" in text
        assert "14.04.2026" in text
        assert "Успешность прохождения тестирования (да / нет) нет" in text
        for hidden in ("ПБ", "Задание", "Д1", "З15", "Вариант", "УЧ-103", "91,7", "22", "13"):
            assert hidden not in text


def test_an_annulled_attempt_hides_points_even_where_they_make_no_sense():
    broken = replace(ANNULLED, oral=d.Part(total=777), written=None, total=777)
    for text in both(broken):
        assert "777" not in text


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (replace(GRADE_10, total=23), "add up to 22"),
        (replace(GRADE_10, oral=replace(GRADE_10.oral, total=10)), "add up to 9"),
        (replace(GRADE_10, passed=False), "outcome"),
        (replace(GRADE_10, oral_reached=False), "reached"),
        (replace(GRADE_10, total_min=None), "minimums"),
        (replace(GRADE_10, oral=d.Part()), "neither"),
        (replace(ANNULLED, passed=True), "annulled"),
        (
            replace(GRADE_10, oral=d.Part(tasks=tasks(ORAL_10, marked=False), total=0)),
            "no mark for Д1",
        ),
    ],
)
def test_a_notice_that_contradicts_itself_is_not_printed(form, why):
    for build in (d.result_notice_pdf, d.result_notice_docx):
        with pytest.raises(d.Contradiction, match=why):
            build(form)


@pytest.mark.parametrize("name", FORMS)
def test_the_form_stays_on_one_page(name):
    assert pdf_pages(d.result_notice_pdf(FORMS[name])) == 1


def test_a_very_long_name_and_organisation_are_printed_whole():
    form = replace(GRADE_10, full_name=LONG_NAME, testing_org="МБОУ " + "«Школа дружбы» " * 12)
    pdf, docx = both(form)
    assert LONG_NAME in docx
    assert "Абдурахманбердиева-" in pdf
    assert "Зигмаринген" in pdf
    assert pdf.count("«Школа дружбы»") == 12


def test_marks_of_markup_in_a_name_are_only_letters():
    name = "#panic() <b>Ким & Ко</b> $x$ {{ 7 * 7 }} {% if %}"
    for text in both(replace(GRADE_10, full_name=name)):
        assert name in text


def test_a_percent_is_rounded_half_up_for_the_eye_only():
    form = replace(GRADE_10, percent=Decimal("91.65"))
    assert "91,7 %" in pdf_text(d.result_notice_pdf(form))
    unknown = replace(GRADE_10, percent=None)
    assert in_order(pdf_text(d.result_notice_pdf(unknown)), "макс. количества ПБ", "—")


def test_the_same_values_give_the_same_file():
    assert d.result_notice_pdf(GRADE_10) == d.result_notice_pdf(GRADE_10)
