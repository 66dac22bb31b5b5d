"""Two calibrations on one scale: the line, its error, anchors that moved, score tables by IRT."""

from __future__ import annotations

import numpy as np
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.curves import test_characteristic as characteristic
from merilo_psychometrics.design import Booklet, Design, Item
from merilo_psychometrics.linking import (
    Quadrature,
    TooManyDrifted,
    UnlinkedForms,
    detect_drift,
    equate_irt_observed_scores,
    equate_true_scores,
    given_quadrature,
    link_by_anchors,
    link_chain,
    link_concurrently,
    link_scales,
    normal_quadrature,
)
from merilo_psychometrics.parameters import FreeParameter, ItemParameters, make_parameters
from merilo_psychometrics.persons.results import Normal
from merilo_psychometrics.responses import Block, Responses

from .outside import outside, rows

METHODS = ("mean-mean", "mean-gmean", "mean-sigma", "haebara", "stocking-lord")


def mixed_bank(items=12, seed=3, guessing=True):
    """Items of 0/1 and of 0–3 points with slopes, some of them guessed."""
    rng = np.random.default_rng(seed)
    thresholds, slopes, guesses = {}, {}, {}
    for n in range(items):
        name = f"i{n:02d}"
        place = rng.normal(0, 1)
        graded = n % 3 == 2
        thresholds[name] = sorted(place + rng.normal(0, 0.7, 3)) if graded else place
        slopes[name] = float(np.exp(rng.normal(0, 0.25)))
        guesses[name] = 0.2 if guessing and n % 3 == 1 else 0.0
    return make_parameters(thresholds, slope=slopes, guessing=guesses)


def with_errors(form: ItemParameters, rng: np.random.Generator, size=0.05) -> ItemParameters:
    """Give every parameter an error, and the covariance it came from."""
    free = []
    for n, item in enumerate(form.items):
        free.append(FreeParameter(item.id, "slope"))
        free += [FreeParameter(item.id, "threshold", h + 1) for h in range(form.steps[n])]
        free += [FreeParameter(item.id, "guessing")] if form.guessing[n] else []
    half = rng.normal(0, 0.3, (len(free), len(free))) + np.eye(len(free))
    covariance = size**2 * half @ half.T / len(free)
    return ItemParameters(form.items, form.slope, form.thresholds, form.guessing, "population",
                          tuple(free), covariance)  # fmt: skip


def stepped(form: ItemParameters, free, by) -> ItemParameters:
    """The form with some free parameters moved; nothing is known of its errors."""
    slope, thresholds, guessing = (
        array.copy() for array in (form.slope, form.thresholds, form.guessing)
    )
    for parameter, value in zip(free, by, strict=True):
        row = form.index[parameter.item]
        if parameter.kind == "threshold":
            thresholds[row, parameter.step - 1] += value
        else:
            (slope if parameter.kind == "slope" else guessing)[row] += value
    return ItemParameters(form.items, slope, thresholds, guessing)


def drawn(form: ItemParameters, rng: np.random.Generator) -> ItemParameters:
    """The form as another sample of persons would have given it."""
    moved = rng.multivariate_normal(np.zeros(len(form.free)), form.covariance)
    return stepped(form, form.free, moved)


@pytest.mark.parametrize("method", METHODS)
def test_the_line_between_two_scales_is_found_exactly(method):
    target = mixed_bank()
    source = target.rescaled(1 / 1.3, 0.4 / 1.3)  # θ_target = 1.3·θ_source − 0.4
    link = link_scales(source, target, method=method)
    assert link.unit == pytest.approx(1.3, abs=1e-9)
    assert link.zero == pytest.approx(-0.4, abs=1e-9)
    assert np.allclose(link.parameters(source).thresholds, target.thresholds, equal_nan=True)
    assert np.allclose(link.parameters(source).slope, target.slope)


def spread_by_differences(forms: list[ItemParameters], method: str, **settings) -> np.ndarray:
    """Covariance of (unit, zero): every parameter of every form moved by hand, one at a time."""
    h = 1e-5
    total = np.zeros((2, 2))
    for place, form in enumerate(forms):

        def line(free, by, place=place, form=form):
            moved = [*forms[:place], stepped(form, [free], [by]), *forms[place + 1 :]]
            link = link_chain(moved, method=method, **settings)
            return np.array([link.unit, link.zero])

        rate = np.array([(line(free, h) - line(free, -h)) / (2 * h) for free in form.free]).T
        total += rate @ form.covariance @ rate.T
    return total


@pytest.mark.parametrize(
    ("method", "settings"),
    [*((method, {}) for method in METHODS), ("haebara", {"both_ways": True}),
     ("stocking-lord", {"unit_free": False})],
)  # fmt: skip
def test_the_standard_error_follows_every_parameter_of_both_forms(method, settings):
    rng = np.random.default_rng(5)
    target, source = mixed_bank(5), mixed_bank(5).rescaled(1 / 1.2, 0.3)
    # Samples differ, so the criterion is not zero and its curvature counts.
    forms = [with_errors(drawn(with_errors(form, rng), rng), rng) for form in (source, target)]
    link = link_scales(*forms, method=method, **settings)
    assert link.covariance is not None
    by_hand = spread_by_differences(forms, method, **settings)
    assert np.allclose(link.covariance, by_hand, rtol=1e-4, atol=1e-12)
    assert link.zero_se > 0 and (link.unit_se > 0) == settings.get("unit_free", True)


@pytest.mark.parametrize("method", ["mean-gmean", "stocking-lord"])
def test_a_chain_knows_that_the_middle_form_serves_twice(method):
    rng = np.random.default_rng(8)
    forms = [with_errors(mixed_bank(4).rescaled(unit, zero), rng, 0.03)
             for unit, zero in ((1.0, 0.0), (0.9, 0.3), (1.2, -0.2))]  # fmt: skip
    link = link_chain(forms, method=method)
    assert link.unit == pytest.approx(1.2, abs=1e-8)
    assert np.allclose(link.covariance, spread_by_differences(forms, method), rtol=1e-4)


def test_the_standard_error_is_the_spread_over_samples():
    rng = np.random.default_rng(5)
    target = with_errors(mixed_bank(8), rng)
    source = with_errors(mixed_bank(8).rescaled(1 / 1.2, 0.3), rng)
    link = link_scales(source, target, method="mean-sigma")
    lines = [link_scales(drawn(source, rng), drawn(target, rng), method="mean-sigma")
             for _ in range(400)]  # fmt: skip
    # The standard deviation of 400 draws is known to 3.5 %.
    assert link.unit_se == pytest.approx(np.std([line.unit for line in lines]), rel=0.15)
    assert link.zero_se == pytest.approx(np.std([line.zero for line in lines]), rel=0.15)


def test_rasch_scales_share_their_unit():
    source = make_parameters({"a": -1.0, "b": 0.0, "c": 1.0})
    target = make_parameters({"a": -0.4, "b": 0.7, "c": 1.5})
    for method in METHODS:
        link = link_scales(source, target, method=method)
        assert link.unit == 1.0
    assert link_scales(source, target, method="mean-mean").zero == pytest.approx(0.6)
    assert link_scales(source, target, method="mean-sigma", unit_free=True).unit != 1.0


def test_going_there_and_back_is_the_identity_when_both_sides_are_compared():
    rng = np.random.default_rng(2)
    target = drawn(with_errors(mixed_bank(), rng, 0.1), rng)
    source = mixed_bank().rescaled(0.8, 0.1)
    there = link_scales(source, target, method="mean-gmean")
    back = link_scales(target, source, method="mean-gmean")
    assert there.unit * back.unit == pytest.approx(1.0)
    one_way = link_scales(source, target, method="haebara")
    both = link_scales(source, target, method="haebara", both_ways=True)
    assert both.unit == pytest.approx(one_way.unit, rel=0.05)
    assert both.criterion > one_way.criterion


def test_the_points_of_comparison_are_the_callers_choice():
    rng = np.random.default_rng(4)
    target = drawn(with_errors(mixed_bank(), rng, 0.2), rng)
    source = mixed_bank()
    low = link_scales(source, target, quadrature=normal_quadrature(Normal(-2.0, 0.3)))
    high = link_scales(source, target, quadrature=given_quadrature([1.5, 2.0, 2.5]))
    assert low.zero != pytest.approx(high.zero, abs=1e-3)


def test_forms_without_common_items_are_refused():
    with pytest.raises(UnlinkedForms, match="0 общих"):
        link_scales(make_parameters({"a": 0.0}), make_parameters({"b": 0.0}))
    with pytest.raises(errors.UnknownItem):
        link_scales(make_parameters({"a": 0.0}), make_parameters({"b": 0.0}), anchors=["a"])


def test_an_anchor_with_another_scale_of_points_is_refused():
    with pytest.raises(errors.WrongSettings, match="a") as caught:
        link_scales(make_parameters({"a": 0.0}), make_parameters({"a": [0.0, 1.0]}))
    assert caught.value.items == ("a",)


def test_anchors_of_equal_difficulty_give_mean_sigma_no_unit():
    form = make_parameters({"a": 0.0, "b": 0.0}, slope={"a": 1.1})
    with pytest.raises(errors.WrongSettings, match="mean-mean"):
        link_scales(form, form, method="mean-sigma")


# --- drift ------------------------------------------------------------------------------------


def drifted(names=("i03",), by=0.9, items=15):
    rng = np.random.default_rng(6)
    places = {f"i{n:02d}": float(v) for n, v in enumerate(np.linspace(-2, 2, items))}
    source = make_parameters({name: v + rng.normal(0, 0.04) for name, v in places.items()})
    target = make_parameters({
        name: v + 0.5 + rng.normal(0, 0.04) + (by if name in names else 0.0)
        for name, v in places.items()
    })  # fmt: skip
    return source, target


@pytest.mark.parametrize("rule", ["displacement", "robust z"])
def test_the_anchor_that_moved_is_taken_out_with_its_reason(rule):
    source, target = drifted()
    drift = detect_drift(source, target, rule=rule, limit=None if rule == "displacement" else 4.0)
    assert [one.item for one in drift.removed] == ["i03"]
    assert "i03" in drift.removed[0].reason and "шаге 1" in drift.removed[0].reason
    assert "i03" not in drift.kept and len(drift.kept) == 14
    assert drift.link.zero == pytest.approx(0.5, abs=0.05)
    assert drift.shifts[3].shift == pytest.approx(0.9, abs=0.2)


def test_anchors_go_one_by_one_since_each_bends_the_link():
    source, target = drifted(("i03", "i07", "i11"), by=1.5)
    drift = detect_drift(source, target, limit=0.3)
    assert [one.round for one in drift.removed] == [1, 2, 3]
    assert {one.item for one in drift.removed} == {"i03", "i07", "i11"}
    assert drift.link.zero == pytest.approx(0.5, abs=0.05)


def test_nothing_is_taken_out_of_a_steady_anchor():
    source, target = drifted(())
    drift = detect_drift(source, target)
    assert drift.removed == () and len(drift.kept) == 15


def test_when_most_anchors_moved_nobody_can_say_which_stayed():
    rng = np.random.default_rng(1)
    source = make_parameters({f"i{n}": 0.0 for n in range(8)})
    target = make_parameters({f"i{n}": float(v) for n, v in enumerate(rng.normal(0, 3, 8))})
    with pytest.raises(TooManyDrifted) as caught:
        detect_drift(source, target, limit=0.2)
    assert len(caught.value.items) == 5


def test_the_error_of_a_shift_adds_both_calibrations():
    rng = np.random.default_rng(7)
    source, target = (with_errors(mixed_bank(guessing=False), rng) for _ in range(2))
    drift = detect_drift(source, target, method="mean-mean", limit=5.0)
    assert all(0 < shift.se < 0.2 for shift in drift.shifts)


# --- inside a calibration ---------------------------------------------------------------------


def two_booklets(common=6, each=6, works=3000, seed=9):
    """Two booklets with common items for two groups 0.8 logits apart."""
    rng = np.random.default_rng(seed)
    count = common + 2 * each
    difficulty = rng.normal(0, 1, count)
    difficulty -= difficulty.mean()
    items = tuple(Item(f"i{n:02d}") for n in range(count))
    held = (np.arange(common + each), np.r_[np.arange(common), np.arange(common + each, count)])
    blocks = []
    for mean, positions in zip((0.4, -0.4), held, strict=True):
        theta = rng.normal(mean, 1, works)
        chance = 1 / (1 + np.exp(-(theta[:, None] - difficulty[positions])))
        scores = (rng.random(chance.shape) < chance).astype(np.int8)
        blocks.append(Block(scores, np.arange(works)))
    booklets = tuple(Booklet(name, positions) for name, positions in zip("AB", held, strict=True))
    return Responses(Design(items, booklets), tuple(blocks)), difficulty


def test_concurrent_calibration_puts_unequal_groups_on_one_scale():
    responses, difficulty = two_booklets()
    found = link_concurrently(responses).parameters
    away = (found.difficulty - difficulty) / found.standard_error("threshold")[:, 0]
    assert np.abs(away).max() < 4.0


def test_booklets_without_common_items_are_named():
    responses, _ = two_booklets(common=0)
    with pytest.raises(errors.UnlinkedBooklets) as caught:
        link_concurrently(responses)
    assert caught.value.parts == (("A",), ("B",))


def test_anchors_hold_the_scale_they_came_from():
    responses, difficulty = two_booklets()
    old = make_parameters({f"i{n:02d}": float(difficulty[n]) + 2.0 for n in range(6)})
    found = link_by_anchors(responses, old).parameters
    assert np.allclose(found.difficulty[:6], difficulty[:6] + 2.0)
    assert found.difficulty[6:].mean() == pytest.approx(difficulty[6:].mean() + 2.0, abs=0.15)
    some = link_by_anchors(responses, old, names=["i00", "i01"]).parameters
    assert np.allclose(some.difficulty[:2], difficulty[:2] + 2.0)
    assert not np.allclose(some.difficulty[2:6], difficulty[2:6] + 2.0)


# --- score tables -----------------------------------------------------------------------------


def test_a_form_equates_to_itself():
    form = mixed_bank(guessing=False)
    true, observed = equate_true_scores(form, form), equate_irt_observed_scores(form, form)
    assert np.allclose(true.equated, true.scores, atol=1e-9)
    assert np.allclose(observed.equated, observed.scores, atol=1e-9)


def test_true_scores_meet_at_the_same_ability():
    x, y = mixed_bank(seed=3, guessing=False), mixed_bank(seed=4, guessing=False)
    table = equate_true_scores(x, y)
    inner = slice(1, -1)
    assert np.allclose(characteristic(x, table.ability[inner]), table.scores[inner])
    assert np.allclose(characteristic(y, table.ability[inner]), table.equated[inner])
    assert np.all(np.diff(table.equated) > 0)
    back = equate_true_scores(y, x)
    there = np.interp(table.equated[5], back.scores, back.equated)
    assert there == pytest.approx(5.0, abs=0.05)


def test_scores_below_guessing_lie_on_a_line():
    x = make_parameters(
        {f"i{n}": 0.0 for n in range(10)}, guessing={f"i{n}": 0.25 for n in range(10)}
    )
    y = make_parameters(
        {f"i{n}": 0.3 for n in range(10)}, guessing={f"i{n}": 0.2 for n in range(10)}
    )
    table = equate_true_scores(x, y)
    assert np.allclose(table.equated[:3], np.array([0, 1, 2]) * 2.0 / 2.5)
    assert table.equated[-1] == 10 and table.ability[0] == -np.inf
    assert table.rounded(0, 10).tolist() == sorted(table.rounded(0, 10).tolist())


# --- peers ------------------------------------------------------------------------------------


def est2pl():
    found: dict[str, dict[str, dict[str, float]]] = {}
    for row in rows(outside("golden/methods/est2pl__itempars.csv")):
        kind, item = row["par"].split(".")
        found.setdefault(row["test"], {}).setdefault(kind, {})[item] = float(row["value"])
    return {
        test: make_parameters(kinds["Dffclt"], slope=kinds["Dscrmn"])
        for test, kinds in found.items()
    }


def test_links_and_chains_are_those_of_equateIRT():
    forms = est2pl()
    golden = rows(outside("golden/methods/est2pl__equateIRT_links.csv"))
    assert len(golden) == 100
    for row in golden:
        names = row["link"].removeprefix("chain ").split(".")
        link = link_chain([forms[name] for name in names], method=row["method"].lower())
        tolerance = 1e-12 if row["method"].startswith("mean") else 5e-8
        assert link.unit == pytest.approx(float(row["A"]), abs=tolerance)
        assert link.zero == pytest.approx(float(row["B"]), abs=tolerance)


def test_score_tables_are_those_of_equateIRT():
    forms = est2pl()
    link = link_scales(forms["test1"], forms["test2"], method="haebara")
    moved = link.parameters(forms["test1"])
    true = equate_true_scores(forms["test2"], moved)
    golden = [float(row["test1.as.test2"]) for row in
              rows(outside("golden/methods/est2pl__equateIRT_TSE.csv"))]  # fmt: skip
    assert np.allclose(true.equated[1:], golden, atol=1e-7)
    # equateIRT weighs two populations N(0, 1), each on the scale of its own form, by one half.
    one, two = normal_quadrature(), normal_quadrature(Normal(link.zero, link.unit))
    both = Quadrature(np.r_[one.points, two.points], np.r_[one.weights, two.weights] / 2)
    observed = equate_irt_observed_scores(forms["test2"], moved, population=both)
    golden = [float(row["test1.as.test2"]) for row in
              rows(outside("golden/methods/est2pl__equateIRT_OSE.csv"))]  # fmt: skip
    assert np.allclose(observed.equated, golden, atol=1e-7)
