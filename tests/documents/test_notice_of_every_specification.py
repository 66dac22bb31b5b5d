"""Every shipped scoring specification fits the notice, each of its grades, one page a notice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from paper_examples import GRADE_10
from paper_reading import pdf_pages, pdf_text

from merilo import law
from merilo.foundation import documents as d
from merilo.foundation.documents.agreement import ORDER_FORM_ORAL_MIN, ORDER_FORM_TOTAL_MIN
from merilo.law.scoring import Form, Part

CASES = [(spec, grade) for spec in law.shipped_specifications() for grade in spec.grades]


def part(spec, which, maximum):
    rows = [(row.task, row.code, row.max, row.max) for row in spec.part(which)]
    return d.Part(variant="01", tasks=d.tasks_from(rows), total=maximum, total_max=maximum)


def notice(spec, grade):
    """A notice of a participant who took every point."""
    written = None
    if spec.form == Form.ORAL_WRITTEN:
        written = part(spec, Part.WRITTEN, spec.written_max)
    return replace(
        GRADE_10,
        grade=grade,
        test_date=date(2026, 4, 14),
        oral=part(spec, Part.ORAL, spec.oral_max),
        written=written,
        total=spec.total_max,
        total_max=spec.total_max,
        percent=Decimal(100),
        total_min=spec.total_min,
        oral_min=spec.oral_min,
    )


@pytest.mark.parametrize(("spec", "grade"), CASES, ids=[f"{s.id}, grade {g}" for s, g in CASES])
def test_a_notice_shows_every_criterion_and_the_minimum_of_its_specification(spec, grade):
    data = d.result_notice_pdf(notice(spec, grade))
    text = pdf_text(data)
    assert all(f"{row.code} {row.max}" in text for row in spec.criteria)
    assert f"Достижение {spec.oral_min} ПБ за УЧ" in text
    if grade > 1:
        assert f"Достижение {spec.total_min} ПБ (мин. ПБ успешности)" in text
    assert ("не загружена" in text) == spec.written_by_total
    assert pdf_pages(data) == 1


def test_the_figures_of_the_order_form_are_those_of_the_literal_specification():
    literal = next(spec for spec in law.shipped_specifications() if "literal" in spec.id)
    assert (literal.total_min, literal.oral_min) == (ORDER_FORM_TOTAL_MIN, ORDER_FORM_ORAL_MIN)
    for grade in literal.grades:
        form = replace(notice(literal, grade), as_order_form=True)
        assert "Достижение 22 ПБ" in pdf_text(d.result_notice_pdf(form))
