"""The unique code of a participant: eight digits, never given twice."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merilo import law
from merilo.law import Refused
from merilo.testday.rules import (
    code_school,
    next_code,
    reasons_against_code,
    unique_code,
)
from rules.reading import cases, codes, holds, profile_of

DAY = date(2025, 6, 6)
PRIMORYE = law.profile("primorye-2025")

ASK = {
    "unique_code": lambda profile, **facts: unique_code(on=DAY, profile=profile, **facts),
    "next_code": lambda profile, **facts: next_code(on=DAY, profile=profile, **facts),
    "check_code": lambda profile, code, others: reasons_against_code(
        code, others_that_day_and_grade=others, on=DAY, profile=profile
    ),
    "code_school": lambda profile, **facts: code_school(on=DAY, profile=profile, **facts),
}


@pytest.mark.parametrize("case", cases("testday_codes"))
def test_the_case(case):
    holds(ASK[case["ask"]](profile_of(case), **case["given"]), case["then"])


@pytest.mark.parametrize("serial", [0, 1000, -1])
def test_a_serial_number_beyond_the_mask_is_refused(serial):
    with pytest.raises(Refused) as refused:
        unique_code(serial, "099", 1, on=DAY, profile=PRIMORYE)
    assert codes(refused.value.refusals) == ["testday.bad-serial"]


@given(
    st.sets(st.integers(1, 999), max_size=40),
    st.from_regex(r"\A[0-9]{3}\Z"),
    st.integers(1, 11),
    st.integers(1, 15),
)
def test_codes_are_eight_digits_and_never_given_twice(serials, school, grade, people):
    used = {unique_code(serial, school, grade, on=DAY, profile=PRIMORYE) for serial in serials}
    for _person in range(people):
        code = next_code(used, school, grade, on=DAY, profile=PRIMORYE).outcome["code"]
        assert code not in used
        assert len(code) == 8 and code.isdigit()
        assert not codes(
            reasons_against_code(code, others_that_day_and_grade=used, on=DAY, profile=PRIMORYE)
        )
        used.add(code)
