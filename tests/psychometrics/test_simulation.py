"""What is simulated has the truth it was made from, and a plan foretells the errors that come."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics import curves, errors
from merilo_psychometrics.calibration import calibrate_cml
from merilo_psychometrics.parameters import make_parameters
from merilo_psychometrics.simulation import (
    SETS,
    Cohort,
    Rater,
    Set,
    anchored_booklets,
    complete_design,
    copy_answers,
    draw_scores,
    item_bank,
    leak_items,
    plan,
    raise_scores,
    simulate_ratings,
    simulate_responses,
    two_stage,
    with_choices,
    write_set,
)


@pytest.fixture
def rng():
    return np.random.default_rng(20261122)


@pytest.fixture
def schools(rng):
    bank = item_bank(20, rng=rng)
    design = complete_design(bank.items)
    return simulate_responses(
        bank, design, [Cohort("all", 4000)], rng=rng, groups={"school": (20, 0.4)}
    )


@pytest.mark.parametrize("model", ["rasch", "pcm", "2pl", "gpcm", "3pl"])
def test_drawn_scores_follow_the_model_at_every_ability(model, rng):
    bank = item_bank(6, model=model, steps=3, rng=rng)
    for theta in (-1.5, 0.5):
        drawn = draw_scores(bank, np.full(20_000, theta), rng=rng)
        expected = curves.category_probabilities(bank, theta)[0]
        seen = np.stack([(drawn == s).mean(axis=0) for s in range(expected.shape[1])], axis=1)
        assert np.abs(seen - expected).max() < 0.015


def test_the_same_seed_gives_the_same_responses():
    def made(seed):
        rng = np.random.default_rng(seed)
        bank = item_bank(10, rng=rng)
        return simulate_responses(bank, complete_design(bank.items), [Cohort("all", 50)], rng=rng)

    assert made(1).responses.data_hash == made(1).responses.data_hash
    assert made(1).responses.data_hash != made(2).responses.data_hash


def test_booklets_on_a_ring_use_the_whole_bank_and_hang_together(rng):
    bank = item_bank(100, rng=rng)
    design = anchored_booklets(bank.items, booklets=10, length=20, anchors=5)
    assert design.given.any(axis=0).all()
    assert (design.given.sum(axis=1) == 20).all()
    assert design.given[:, :5].all()
    design.require_connected()
    with pytest.raises(errors.WrongSettings, match="каждое задание"):
        anchored_booklets(bank.items, booklets=4, length=20, anchors=5)


def test_in_a_test_of_two_stages_the_score_leads_on_and_cml_recovers_the_items(rng):
    bank = item_bank(15, rng=rng)
    names = [item.id for item in bank.items]
    order = np.argsort(bank.difficulty)
    middle, easy, hard = (
        [names[n] for n in order[5:10]],
        [names[n] for n in order[:5]],
        [names[n] for n in order[10:]],
    )
    design = two_stage(
        bank.items, routing=middle, modules={"easy": (easy, 0, 2), "hard": (hard, 3, 5)}
    )
    made = simulate_responses(bank, design, [Cohort("all", 6000)], rng=rng)
    first = [block.scores[:, :5].sum(axis=1) for block in made.responses.blocks]
    assert first[0].max() == 2
    assert first[1].min() == 3
    assert made.responses.works == 6000
    found = calibrate_cml(made.responses).parameters.difficulty
    assert np.abs(found - bank.difficulty).max() < 0.2
    with pytest.raises(errors.WrongSettings, match="без пропусков"):
        two_stage(bank.items, routing=middle, modules={"easy": (easy, 0, 2), "hard": (hard, 4, 5)})


@pytest.mark.parametrize(("model", "steps"), [("rasch", 1), ("pcm", 2)])
def test_a_plan_foretells_the_errors_of_the_calibration(model, steps, rng):
    bank = item_bank(20, model=model, steps=steps, rng=rng)
    design = anchored_booklets(bank.items, booklets=3, length=10, anchors=3)
    foretold = plan(bank, design, 2000)
    made = simulate_responses(bank, design, [Cohort("all", 2000)], rng=rng)
    come = calibrate_cml(made.responses).parameters.standard_error("threshold")
    assert np.allclose(foretold.threshold_se, come, rtol=0.08)
    assert np.diag(foretold.link_se) == pytest.approx(0, abs=1e-6)
    twice = plan(bank, design, 4000)
    assert np.allclose(twice.threshold_se * np.sqrt(2), foretold.threshold_se)


def test_a_plan_foretells_the_reliability_of_the_total_score(rng):
    bank = item_bank(25, rng=rng)
    design = complete_design(bank.items)
    halves = [
        simulate_responses(bank, design, [Cohort("all", 20_000)], rng=np.random.default_rng(7))
    ]
    again = draw_scores(bank, halves[0].abilities[0], rng=rng)
    observed = np.corrcoef(halves[0].responses.totals()[0], again.sum(axis=1))[0, 1]
    assert plan(bank, design, 1).booklets[0].reliability == pytest.approx(observed, abs=0.01)


def test_a_plan_for_unlinked_booklets_is_refused(rng):
    bank = item_bank(20, rng=rng)
    design = anchored_booklets(bank.items, booklets=2, length=10, anchors=0)
    with pytest.raises(errors.UnlinkedBooklets):
        plan(bank, design, 500)
    sloped = item_bank(5, model="2pl", rng=rng)
    with pytest.raises(errors.WrongSettings, match="смоделируйте"):
        plan(sloped, complete_design(sloped.items), 500)


def test_copied_works_match_their_source_in_the_same_room(schools, rng):
    deed = copy_answers(schools.responses, pairs=30, share=0.9, rng=rng, grouping="school")
    block, source = deed.responses.blocks[0], deed.sources[0]
    copiers = np.flatnonzero(source >= 0)
    assert len(copiers) == 30
    same = (block.scores[copiers] == block.scores[source[copiers]]).mean()
    assert same > 0.93
    assert (block.groups["school"][copiers] == block.groups["school"][source[copiers]]).all()
    honest = source < 0
    assert (block.scores[honest] == schools.responses.blocks[0].scores[honest]).all()


def test_a_leak_inside_some_schools_raises_the_leaked_items_there_alone(schools, rng):
    there = schools.responses.group_names("school")[:2]
    deed = leak_items(
        schools.responses, ["i003", "i004"], persons=0.8, chance=0.95, rng=rng,
        only=("school", there),
    )  # fmt: skip
    after, before = deed.responses.blocks[0].scores, schools.responses.blocks[0].scores
    inside = schools.responses.blocks[0].groups["school"] < 2
    assert after[inside][:, [2, 3]].mean() > 0.8
    assert (after[~inside] == before[~inside]).all()
    assert not deed.touched[0][:, [0, 1, 4]].any()


def test_scores_raised_to_a_cut_leave_a_dent_below_it(schools, rng):
    name = schools.responses.group_names("school")[0]
    deed = raise_scores(schools.responses, "school", [name], share=1.0, cut=0.5, rng=rng)
    inside = schools.responses.blocks[0].groups["school"] == 0
    totals = deed.responses.totals()[0][inside]
    before = schools.responses.totals()[0][inside]
    assert totals.min() == 10
    assert (totals == 10).sum() > (before == 10).sum()
    assert (totals[before >= 10] == before[before >= 10]).all()


def test_a_severe_rater_marks_lower_and_a_careless_one_fits_worse(rng):
    criteria = make_parameters({"content": [-1.0, 0.0, 1.0], "language": [-0.5, 0.5, 1.5]})
    raters = [Rater("mild", -0.8), Rater("severe", 0.8), Rater("careless", noise=0.5)]
    theta = rng.normal(0, 1.5, 3000)
    made = simulate_ratings(criteria, raters, theta, ratings_a_work=2, rng=rng)
    assert len(made.score) == 3000 * 2 * 2
    means = [made.score[made.rater == n].mean() for n in range(3)]
    assert means[0] > means[2] > means[1]
    fits = [np.corrcoef(made.score[made.rater == n], theta[made.work[made.rater == n]])[0, 1]
            for n in range(3)]  # fmt: skip
    assert fits[2] < min(fits[:2]) - 0.1


def test_weak_persons_choose_the_attractive_distractor(schools, rng):
    made = with_choices(schools, rng=rng)
    block, item = made.responses.blocks[0], made.responses.design.items[0]
    key = [n for n, (_, score) in enumerate(item.responses) if score == 1][0]
    assert ((block.chosen[:, 0] == key) == (block.scores[:, 0] == 1)).all()
    assert set(np.unique(block.chosen[:, 0])) == {0, 1, 2, 3}


def test_a_set_is_written_in_shards_and_not_twice(tmp_path):
    small = Set("small", 1000, 30, "rasch", 9, booklets=4, length=12, anchors=4)
    place = write_set(small, tmp_path)
    table = pl.read_parquet(place / "*.parquet")
    assert len(table) == 1000
    assert table["booklet"].n_unique() == 4
    given = table.select(pl.sum_horizontal(pl.exclude("person", "booklet").is_not_null()))
    assert given.to_series().unique().to_list() == [12]
    written = (place / "part-000.parquet").stat().st_mtime_ns
    assert write_set(small, tmp_path) == place
    assert (place / "part-000.parquet").stat().st_mtime_ns == written


def test_the_long_set_holds_the_wide_one(tmp_path):
    wide = pl.read_parquet(write_set(Set("w", 300, 8, "rasch", 5), tmp_path) / "*.parquet")
    long = pl.read_parquet(
        write_set(Set("l", 300, 8, "rasch", 5, long=True), tmp_path) / "*.parquet"
    )
    assert long["score"].to_numpy().reshape(300, 8).tolist() == (
        wide.drop("person").to_numpy().tolist()
    )


def test_the_sets_have_the_sizes_the_peers_were_measured_on():
    assert {name: made.answers for name, made in SETS.items()} == {
        "a-rasch": 400_000, "a-2pl": 400_000, "b-rasch": 8_000_000, "b-2pl": 8_000_000,
        "c-rasch": 6_000_000, "d-pcm": 1_250_000, "d-gpcm": 1_250_000,
        "e-rasch": 200_000_000, "e-long": 200_000_000,
    }  # fmt: skip
