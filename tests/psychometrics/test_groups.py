"""Groups: honest classes pass at about the rate said, planted ones stand out; published rules."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

from merilo_psychometrics import errors
from merilo_psychometrics.calibration import calibrate_cml
from merilo_psychometrics.forensics import (
    MEANINGS,
    agreement,
    among_peers,
    compare_marks,
    confirmation,
    easy_hard,
    fall_of_twos,
    families,
    gain,
    level,
    mean_shift,
    order_fit,
    shared_wrong,
    shift,
    similarity,
    unusual_works,
    variance_collapse,
    wrong_to_right,
)
from merilo_psychometrics.forensics.groups import _wrong_pairs
from merilo_psychometrics.persons import estimate_abilities
from merilo_psychometrics.responses import from_matrix

from .test_person_fit import abilities_of, drawn, rasch
from .test_similarity import choices, with_choices

DIFFICULTY = np.random.default_rng(77).normal(size=30)
CLASSES, SIZE = 200, 25


def classes(seed, spread=0.4):
    """Scores of 200 classes of 25 with means that differ; and the ability."""
    rng = np.random.default_rng(seed)
    theta = (rng.normal(0, spread, (CLASSES, 1)) + rng.normal(0, 0.9, (CLASSES, SIZE))).ravel()
    return drawn(rng, theta, DIFFICULTY), theta, rng


def named(scores):
    return from_matrix(scores, groups={"class": [f"c{n:03d}" for n in range(CLASSES)
                                                 for _ in range(SIZE)]})  # fmt: skip


def test_i1_the_mean_of_the_worked_school():
    found = shift(17.2, mean=14.0, sd=4.5, works=25)
    assert found.se == pytest.approx(0.9) and found.z == pytest.approx(3.556, abs=5e-4)
    assert (found.low, found.high) == pytest.approx((12.236, 15.764), abs=5e-4)
    assert found.signal and not shift(15.7, mean=14.0, sd=4.5, works=25).signal
    with pytest.raises(errors.NotIdentified):
        shift(1, mean=1, sd=0, works=25)


def test_federal_levels_of_the_worked_shares():
    assert [level(x, "basic") for x in (56.99, 57.0, 59.99, 60.0)] == [
        "insufficient", "uncertainty", "uncertainty", "sufficient"]  # fmt: skip
    assert [level(x, "advanced") for x in (28.49, 28.5, 29.99, 30.0)] == [
        "insufficient", "uncertainty", "uncertainty", "sufficient"]  # fmt: skip
    with pytest.raises(errors.WrongSettings):
        level(101, "basic")


def test_i3_i4_marks_of_the_worked_pupils_against_the_journal():
    found = compare_marks([2, 3, 4, 2, np.nan], [4, 3, 5, 5, 5])
    assert (found.compared, found.lowered, found.confirmed, found.raised) == (4, 3, 1, 0)
    assert found.far == 2 and found.far_share == 0.5
    with pytest.raises(errors.TooFewPersons):
        compare_marks([np.nan], [5])


def test_i9_the_share_of_twos():
    found = [fall_of_twos(*pair) for pair in ((10, 20), (10, 19.9), (10, 9), (12, 0), (5, 0))]
    assert found == ["growth", "steady", "fall", "to_zero", "fall"]


def test_honest_classes_pass_at_about_the_rate_said():
    scores, _, rng = classes(1)
    responses = named(scores)
    fit = order_fit(responses, parameters=rasch(DIFFICULTY), indices=("u3",))["u3"]
    changed = rng.random(scores.shape) < 0.05
    for found in (
        unusual_works(responses, "class", fit),
        easy_hard(responses, "class"),
        variance_collapse(responses, "class"),
        wrong_to_right(responses, "class", [changed & (scores == 1)]),
    ):
        assert len(found) == CLASSES
        assert 0.005 < np.mean(found.p < 0.05) < 0.10, found.meaning.code
        assert len(found.beyond(0.05)) <= 1
    flat = named(classes(2, spread=0.0)[0])
    assert 0.01 < np.mean(mean_shift(flat, "class", overdispersed=False).p < 0.05) < 0.09


def test_classes_that_differ_are_no_alarm_when_all_classes_differ():
    responses = named(classes(3)[0])
    plain = mean_shift(responses, "class", overdispersed=False)
    fair = mean_shift(responses, "class")
    assert len(plain.beyond(0.05)) > 15 > 5 > len(fair.beyond(0.05))
    assert ((fair.high - fair.low) > (plain.high - plain.low)).all()


def test_a_class_given_the_answers_to_hard_items_stands_out_by_pattern_not_by_mean():
    scores, _, _ = classes(4)
    hardest = np.argsort(DIFFICULTY)[-8:]
    scores[: 2 * SIZE, hardest] = 1
    responses = named(scores)
    fit = order_fit(responses, indices=("u3",))["u3"]
    found = {
        "pattern": unusual_works(responses, "class", fit),
        "easy": easy_hard(responses, "class"),
    }
    for one in found.values():
        assert set(one.units[one.beyond(0.01)].tolist()) >= {"c000", "c001"}
        assert len(one.beyond(0.01)) <= 4 and (one.effect[:2] > 0).all()
    assert families(found)["c000"] == ("pattern",)


def test_a_class_that_wrote_one_work_has_no_spread():
    scores, _, rng = classes(5)
    scores[:SIZE] = scores[0]
    nearly = rng.random((SIZE, 30)) < 0.05
    scores[:SIZE] ^= nearly
    found = variance_collapse(named(scores), "class")
    assert found.units[found.beyond(0.05)].tolist() == ["c000"] and found.effect[0] < 0.6


def test_changes_to_the_right_answer_beyond_the_usual():
    scores, _, rng = classes(6)
    changed = (rng.random(scores.shape) < 0.03) & (scores == 1)
    changed[:SIZE] |= (rng.random((SIZE, 30)) < 0.15) & (scores[:SIZE] == 1)
    found = wrong_to_right(named(scores), "class", [changed])
    assert found.units[found.beyond(0.05)].tolist() == ["c000"] and found.effect[0] > 1


def test_the_moments_of_shared_wrong_answers_are_those_of_all_outcomes():
    rng = np.random.default_rng(3)
    chances = rng.dirichlet([2, 1, 1], size=(4, 1))[:, :, 1:]
    values, weights = [], []
    for outcome in np.ndindex(3, 3, 3, 3):
        p, indicator = 1.0, np.zeros_like(chances)
        for work, answer in enumerate(outcome):
            whole = np.r_[1 - chances[work, 0].sum(), chances[work, 0]]
            p *= whole[answer]
            if answer:
                indicator[work, 0, answer - 1] = 1
        values.append(_wrong_pairs(chances, indicator)[0])
        weights.append(p)
    mean = np.dot(weights, values)
    _, expected, variance = _wrong_pairs(chances, np.zeros_like(chances))
    assert expected == pytest.approx(mean, abs=1e-12)
    assert variance == pytest.approx(np.dot(weights, (np.array(values) - mean) ** 2), abs=1e-12)


def test_a_class_with_the_same_wrong_answers_stands_out():
    rng = np.random.default_rng(9)
    theta = rng.normal(0, 1, CLASSES * SIZE)
    chosen = choices(rng, theta, DIFFICULTY)
    wrong = choices(rng, np.full(1, -9.0), DIFFICULTY)
    shared = (rng.random((SIZE, 30)) < 0.6) & (chosen[:SIZE] > 0)
    chosen[:SIZE] = np.where(shared, wrong, chosen[:SIZE])
    groups = {"class": [f"c{n:03d}" for n in range(CLASSES) for _ in range(SIZE)]}
    responses = with_choices(chosen, groups)
    found = shared_wrong(responses, "class", rasch(DIFFICULTY), abilities_of(responses, theta))
    assert found.units[found.beyond(0.05)].tolist() == ["c000"] and found.effect[0] > 1.2
    assert 0.01 < np.mean(found.p[1:] < 0.05) < 0.10
    assert abs(np.mean(found.statistic[1:])) < 0.3


def test_estimated_abilities_make_the_comparison_cautious_not_bold():
    rng = np.random.default_rng(16)
    theta = (rng.normal(0, 0.6, (CLASSES, 1)) + rng.normal(0, 0.9, (CLASSES, SIZE))).ravel()
    groups = {"class": [f"c{n:03d}" for n in range(CLASSES) for _ in range(SIZE)]}
    responses = with_choices(choices(rng, theta, DIFFICULTY), groups)
    parameters = calibrate_cml(responses).parameters
    abilities = estimate_abilities(responses, parameters)
    found = shared_wrong(responses, "class", parameters, abilities)
    assert np.mean(found.p < 0.05) < 0.06 and abs(np.mean(found.statistic)) < 0.3
    for one in similarity(responses, parameters, abilities, within="class").values():
        assert np.nanmean(one.p < 0.05) < 0.05 and len(one.beyond(0.05)) <= 1


def test_small_groups_and_flat_scores_are_refused():
    scores, theta, _ = classes(10)
    responses = named(scores)
    with pytest.raises(errors.TooFewPersons, match="26 работ"):
        mean_shift(responses, "class", least=26)
    flat = from_matrix(np.tile([[1, 0]], (30, 1)), groups={"class": ["a"] * 30})
    with pytest.raises(errors.NotIdentified, match="варианте|вариантах 1"):
        mean_shift(flat, "class")
    with pytest.raises(errors.WrongSettings, match="хотя бы 6"):
        easy_hard(flat, "class")
    with pytest.raises(errors.TooFewPersons, match="10"):
        variance_collapse(flat, "class")
    fit = order_fit(responses, indices=("g",))["g"]
    with pytest.raises(errors.BadData, match="30"):
        unusual_works(flat, "class", fit)
    with pytest.raises(errors.BadData):
        wrong_to_right(responses, "class", [])
    with pytest.raises(errors.BadData, match="нет группировки"):
        mean_shift(responses, "school")


def test_i23_the_gain_is_a_studentised_residual():
    rng = np.random.default_rng(12)
    before = rng.normal(60, 8, 80)
    now = 10 + 0.8 * before + rng.normal(0, 3, 80)
    now[4] += 20
    works = rng.integers(20, 60, 80)
    found = gain([f"s{n}" for n in range(80)], before, now, works)
    assert found.units[found.beyond(0.05)].tolist() == ["s4"]
    keep = np.arange(80) != 4
    slope, level_ = np.polyfit(before[keep], now[keep], 1, w=np.sqrt(works[keep]))
    left = np.sqrt(works[keep]) * (now[keep] - level_ - slope * before[keep])
    s2 = left @ left / 77
    basis = np.column_stack([np.ones(79), before[keep]]) * np.sqrt(works[keep])[:, None]
    point = np.array([1, before[4]])
    se = np.sqrt(s2 * (1 / works[4] + point @ np.linalg.inv(basis.T @ basis) @ point))
    z = (now[4] - level_ - slope * before[4]) / se
    assert found.statistic[4] == pytest.approx(z)
    assert found.p[4] == pytest.approx(student.sf(z, 77))
    with pytest.raises(errors.TooFewPersons):
        gain(["a"], [1], [2], [3])


def test_i29_a_result_nobody_confirms():
    rng = np.random.default_rng(13)
    exam = rng.normal(60, 8, 60)
    test = exam + rng.normal(0, 3, 60)
    test[7] += 25
    found = confirmation(np.arange(60), test, exam, np.full(60, 30))
    assert found.units[found.beyond(0.05)].tolist() == [7] and found.effect[7] > 1.5


def test_i24_a_school_is_compared_with_its_like():
    rng = np.random.default_rng(14)
    context = np.r_[rng.normal(0, 1, 50), rng.normal(20, 1, 50)]
    values = np.r_[rng.normal(50, 2, 50), rng.normal(80, 2, 50)]
    values[3] = 80
    found = among_peers(np.arange(100), values, context)
    assert found[3] > 5 and np.median(np.abs(found[50:])) < 2
    with pytest.raises(errors.TooFewPersons):
        among_peers([1, 2], [1, 2], [1, 2])


def test_i28_second_marking():
    assert agreement([5, 6, 7, 8], [5, 6, 8, 10]) == 0.5
    assert agreement([5, 6, 7, 8], [5, 6, 8, 10], within=1) == 0.75
    with pytest.raises(errors.TooFewPersons):
        agreement([], [])


ACCUSING = ("списы", "списал", "наруши", "вин", "подлог", "фальсиф", "мошен", "обман", "доказан",
            "необъектив", "дефицит", "выявлена причина", "cheat", "guilt", "fraud", "copied",
            "proof", "proven", "suspect", "offen")  # fmt: skip


@pytest.mark.parametrize("meaning", MEANINGS.values(), ids=MEANINGS)
def test_no_sentence_accuses_and_every_one_says_what_it_does_not_mean(meaning):
    for language in ("ru", "en"):
        said = " ".join(
            text[language].lower()
            for text in (meaning.title, meaning.null, meaning.effect, meaning.says,
                         meaning.not_says)
        )  # fmt: skip
        words = said.replace("нарушения порядка", "").replace("нарушений порядка", "")
        assert not [word for word in ACCUSING if word in words]
    assert "О причине это не говорит" in meaning.not_says["ru"]
    assert "does not tell the cause" in meaning.not_says["en"]
