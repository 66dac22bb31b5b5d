"""Agreement of raters against printed tables; discrepancies that call for a third marker."""

from __future__ import annotations

import numpy as np
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.raters import (
    DiscrepancyRule,
    cohen_kappa,
    exact_adjacent,
    find_discrepancies,
    fleiss_kappa,
    gwet_ac,
    intraclass,
    krippendorff_alpha,
    make_ratings,
)

N = np.nan
# Six works, four judges: Shrout & Fleiss (1979) table 2.
SHROUT_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]
# Four observers, twelve units: Krippendorff (2011) example C; cac.raw4raters of irrCAC.
OBSERVERS = np.array([
    [1, 1, N, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4],
    [4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2], [N, 5, 5, 5], [N, N, 1, 1], [N, N, 3, N],
])  # fmt: skip
# Thirty patients, six psychiatrists, five diagnoses: Fleiss (1971) table 1, counts by diagnosis.
FLEISS = (
    "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 "
    "00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"
)
# Two abstractors, 100 charts: Gwet (2014), printed by irrCAC as cont3x3abstractors.
ABSTRACTORS = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])


def patients():
    return [
        [diagnosis for diagnosis, count in enumerate(row) for _ in range(int(count))]
        for row in FLEISS.split()
    ]


def two_columns(table):
    place = np.repeat(np.arange(table.size), table.ravel())
    return place // table.shape[1], place % table.shape[1]


def test_intraclass_correlations_are_those_of_shrout_and_fleiss():
    found = intraclass(SHROUT_FLEISS)
    # Table 3 (mean squares) and table 4 of the paper.
    assert found.between_works == pytest.approx(11.24, abs=0.005)
    assert found.within_works == pytest.approx(6.26, abs=0.005)
    assert found.between_raters == pytest.approx(32.49, abs=0.005)
    assert found.residual == pytest.approx(1.02, abs=0.005)
    printed = [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]
    assert [round(one.value, 2) for one in found.coefficients] == printed
    # Intervals as psych::ICC prints them for this table.
    intervals = [
        (-0.13, 0.72),
        (0.02, 0.76),
        (0.34, 0.95),
        (-0.88, 0.91),
        (0.07, 0.93),
        (0.68, 0.99),
    ]
    for one, (lower, upper) in zip(found.coefficients, intervals, strict=True):
        assert (round(one.lower, 2), round(one.upper, 2)) == (lower, upper)
    assert found.of("ICC(1,1)").f == pytest.approx(1.79, abs=0.01)
    assert found.of("ICC(3,1)").f == pytest.approx(11.03, abs=0.01)


def test_severity_of_a_rater_counts_only_where_it_should():
    rng = np.random.default_rng(1)
    table = rng.normal(0, 1, (30, 1)) + rng.normal(0, 0.5, (30, 3))
    shifted = table + np.array([0.0, 2.0, -1.0])
    plain, moved = intraclass(table), intraclass(shifted)
    assert moved.of("ICC(3,1)").value == pytest.approx(plain.of("ICC(3,1)").value)
    assert moved.of("ICC(2,1)").value < plain.of("ICC(2,1)").value - 0.2


def test_intraclass_refuses_holes_and_full_agreement():
    with pytest.raises(errors.BadData, match="Криппендорф"):
        intraclass([[1, 2], [N, 3]])
    with pytest.raises(errors.NotIdentified):
        intraclass([[1, 1], [2, 2]])
    with pytest.raises(errors.TooFewPersons):
        intraclass([[1, 2]])


@pytest.mark.parametrize(
    ("scale", "printed"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_alpha_is_that_of_krippendorffs_example(scale, printed):
    found = krippendorff_alpha(OBSERVERS, scale=scale)
    assert found.value == pytest.approx(printed, abs=0.0006)
    assert found.works == 11 and found.lower < found.value < found.upper


def test_alpha_of_two_observers_and_binary_marks():
    # Krippendorff (2011) example A.
    table = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]).T
    assert krippendorff_alpha(table).value == pytest.approx(0.095, abs=0.0005)


def test_gwets_coefficients_and_fleiss_kappa_with_missing_marks_are_those_of_irrCAC():
    found = gwet_ac(OBSERVERS)
    assert found.value == pytest.approx(0.77544, abs=5e-6)
    assert found.se == pytest.approx(0.14295, abs=5e-6)
    assert (round(found.lower, 3), found.upper) == (0.461, 1.0)
    assert found.observed == pytest.approx(0.8181818, abs=5e-8)
    assert found.expected == pytest.approx(0.1903212, abs=5e-8)
    weighted = gwet_ac(OBSERVERS, weights="quadratic")
    assert weighted.value == pytest.approx(0.914, abs=5e-4)
    assert weighted.observed == pytest.approx(0.97538, abs=5e-6)
    assert weighted.expected == pytest.approx(0.7137, abs=5e-5)


def test_kappa_of_six_psychiatrists_is_that_of_fleiss():
    found = fleiss_kappa(patients())
    assert found.value == pytest.approx(0.430, abs=0.0005)
    assert found.observed == pytest.approx(0.556, abs=0.0005)
    assert found.expected == pytest.approx(0.220, abs=0.0005)


def test_cohens_kappa_of_two_abstractors_is_that_of_irrCAC():
    found = cohen_kappa(*two_columns(ABSTRACTORS))
    assert found.value == pytest.approx(0.7964094, abs=5e-8)
    assert found.se == pytest.approx(0.05891072, abs=5e-9)


def test_quadratic_kappa_of_equal_margins_is_a_correlation():
    # Fleiss & Cohen (1973): with equal means and variances it equals Pearson's r.
    table = np.array([[20, 5, 1], [5, 30, 4], [1, 4, 10]])
    first, second = two_columns(table)
    found = cohen_kappa(first, second, weights="quadratic")
    assert found.value == pytest.approx(np.corrcoef(first, second)[0, 1])
    plain, linear = (cohen_kappa(first, second, weights=w).value for w in ("none", "linear"))
    assert plain < linear < found.value


@pytest.mark.parametrize(
    "coefficient",
    [
        fleiss_kappa,
        gwet_ac,
        lambda table: gwet_ac(table, weights="linear"),
        krippendorff_alpha,
        lambda table: krippendorff_alpha(table, scale="interval"),
        lambda table: cohen_kappa(table[:, 0], table[:, 1], weights="linear"),
    ],
    ids=["fleiss", "ac1", "ac2", "alpha", "interval alpha", "cohen"],
)
def test_the_standard_error_is_that_of_resampled_works(coefficient):
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 4, 250)
    table = np.where(rng.random((250, 3)) < 0.7, truth[:, None], rng.integers(0, 4, (250, 3)))
    table = table.astype(float)
    table[rng.random(table.shape) < 0.1] = N
    found = coefficient(table)
    drawn = [coefficient(table[rng.integers(0, 250, 250)]).value for _ in range(200)]
    # 200 draws know a standard deviation to 5 %.
    assert found.se == pytest.approx(np.std(drawn), rel=0.18)
    assert found.lower < np.mean(drawn) < found.upper


def test_ac1_stands_where_kappa_falls():
    table = np.array([[1, 1], [1, 60]])  # 98 % of agreement, one category rare
    columns = np.stack(two_columns(table), axis=1)
    assert fleiss_kappa(columns).value < 0.6 < 0.95 < gwet_ac(columns).value


def test_marks_all_the_same_have_no_agreement_beyond_chance():
    for coefficient in (fleiss_kappa, gwet_ac, krippendorff_alpha):
        with pytest.raises(errors.NotIdentified, match="одинаковы"):
            coefficient([[1, 1], [1, 1], [1, 1]])
    assert gwet_ac([[1, 1], [1, 1]], categories=[0, 1]).value == pytest.approx(1.0)
    with pytest.raises(errors.TooFewPersons):
        fleiss_kappa([[1, N], [N, 2]])
    with pytest.raises(errors.BadData, match="вне названных"):
        fleiss_kappa([[1, 7], [1, 2]], categories=[1, 2])
    with pytest.raises(errors.BadData, match="числами"):
        gwet_ac([["a", "b"]])


# --- discrepancies ----------------------------------------------------------------------------


def essays():
    #        person rater item mark
    table = [(1, "A", "K1", 3), (1, "B", "K1", 3), (1, "A", "K2", 0), (1, "B", "K2", 2),
             (2, "A", "K1", 1), (2, "C", "K1", 2), (2, "A", "K2", 1), (2, "C", "K2", 2),
             (3, "B", "K1", 3), (3, "C", "K1", 0), (4, "A", "K1", 2)]  # fmt: skip
    person, rater, item, mark = zip(*table, strict=True)
    return make_ratings(person, rater, mark, items=item)


def test_marks_that_differ_by_more_than_the_rule_are_found():
    found = find_discrepancies(essays(), DiscrepancyRule(items=1))
    assert [(row.person, row.item, row.raters, row.marks) for row in found.found] == [
        (1, "K2", ("A", "B"), (0, 2)),
        (3, "K1", ("B", "C"), (3, 0)),
    ]
    assert found.persons == (1, 3) and found.compared == 5
    assert found.found[1].difference == 3


def test_small_differences_may_add_up():
    found = find_discrepancies(essays(), DiscrepancyRule(total=1))
    assert [(row.person, row.item, row.marks) for row in found.found] == [
        (1, None, (3, 5)), (2, None, (2, 4)), (3, None, (3, 0))]  # fmt: skip


def test_a_rule_may_speak_of_one_item():
    found = find_discrepancies(essays(), DiscrepancyRule(items={"K1": 2}))
    assert found.persons == (3,) and found.compared == 3
    with pytest.raises(errors.UnknownItem):
        find_discrepancies(essays(), DiscrepancyRule(items={"K9": 1}))
    with pytest.raises(errors.WrongSettings, match="пусто"):
        find_discrepancies(essays(), DiscrepancyRule())


def test_exact_and_adjacent_agreement_by_pair():
    every, *pairs = exact_adjacent(essays())
    assert every.raters is None and every.works == 5
    assert every.exact == pytest.approx(1 / 5) and every.adjacent == pytest.approx(3 / 5)
    by_pair = {pair.raters: pair for pair in pairs}
    assert by_pair["A", "B"].exact == 0.5 and by_pair["A", "B"].difference == -1.0
    assert by_pair["A", "C"].adjacent == 1.0
    assert 0 <= every.exact_lower < every.exact < every.exact_upper <= 1
    with pytest.raises(errors.TooFewPersons):
        exact_adjacent(essays().only_raters(["A"]))
