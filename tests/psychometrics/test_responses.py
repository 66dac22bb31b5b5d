"""Designs and responses in memory: booklets, links, omissions, choosing."""

from __future__ import annotations

import numpy as np
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.design import Booklet, Design, Item
from merilo_psychometrics.responses import NOT_REACHED, OMITTED, from_matrix
from merilo_psychometrics.statistics import add, statistics_by, sufficient_statistics


def test_booklets_are_the_patterns_of_what_was_given():
    responses = from_matrix([[1, 0, -1], [-1, 1, 1], [0, 0, -1]])
    assert [booklet.items.tolist() for booklet in responses.design.booklets] == [[0, 1], [1, 2]]
    assert [block.persons.tolist() for block in responses.blocks] == [[1, 3], [2]]


def test_unlinked_booklets_are_named_by_part():
    responses = from_matrix([[1, 0, -1, -1], [-1, -1, 1, 0], [1, -1, -1, -1]])
    with pytest.raises(errors.UnlinkedBooklets) as caught:
        responses.design.require_connected()
    assert caught.value.parts == (("1", "3"), ("2",))
    assert "1) 1, 3; 2) 2" in str(caught.value)


def test_fixed_items_link_what_holds_them():
    responses = from_matrix([[1, 0, -1, -1], [-1, -1, 1, 0]], items=["a", "b", "c", "d"])
    assert len(responses.design.parts(anchored=["a"])) == 2
    responses.design.require_connected(anchored=["a", "c"])


def test_nobody_counts_before_omissions_are_decided():
    responses = from_matrix([[1, OMITTED, 0], [1, 1, NOT_REACHED]])
    with pytest.raises(errors.UntreatedOmissions, match="treat"):
        sufficient_statistics(responses)
    wrong = responses.treat(omitted="wrong", not_reached="wrong")
    assert wrong.matrix().tolist() == [[1, 0, 0], [1, 1, 0]]
    mixed = responses.treat(omitted="wrong", not_reached="missing")
    assert mixed.matrix().tolist() == [[1, 0, 0], [1, 1, -1]]
    assert [booklet.id for booklet in mixed.design.booklets] == ["1", "1~2"]


def test_the_tail_of_omissions_is_not_reached_but_for_its_first():
    responses = from_matrix([[1, OMITTED, 1, OMITTED, OMITTED], [1, 1, 1, 1, 1]])
    assert responses.mark_not_reached().matrix()[0].tolist() == [1, -2, 1, -2, -3]
    strict = responses.mark_not_reached(keep_first=False)
    assert strict.matrix()[0].tolist() == [1, -2, 1, -3, -3]


def test_a_score_outside_the_rule_is_named():
    with pytest.raises(errors.ScoreOutsideRule, match="a — 1"):
        from_matrix([[1], [2]], items=[Item("a", (0, 2))])
    with pytest.raises(errors.ScoreOutsideRule):
        from_matrix([[-9], [1]])
    with pytest.raises(errors.BadData):
        from_matrix([[0.5], [1]])


def test_counts_are_what_a_loop_would_count():
    chance = np.random.default_rng(5)
    scores = chance.integers(0, 4, (500, 6))
    scores[:, 0] = scores[:, 0] > 1
    counts = sufficient_statistics(from_matrix(scores)).booklets[0]
    totals = scores.sum(axis=1)
    for total in range(counts.score_counts.size):
        assert counts.score_counts[total] == (totals == total).sum()
        for item in range(6):
            found = counts.of_item(item)[total]
            assert found.tolist() == [
                ((totals == total) & (scores[:, item] == score)).sum()
                for score in range(len(found))
            ]


def test_counts_do_not_depend_on_threads_or_the_order_of_works():
    chance = np.random.default_rng(6)
    scores = (chance.random((120_000, 20)) < 0.6).astype(np.int8)
    one = sufficient_statistics(from_matrix(scores), threads=1)
    two = sufficient_statistics(from_matrix(scores[::-1]), threads=3)
    assert one.counts_hash == two.counts_hash


def test_equal_weights_count_like_repeated_works():
    scores = [[1, 0], [1, 1]]
    heavy = sufficient_statistics(from_matrix(scores, weights=[3, 2]))
    many = sufficient_statistics(from_matrix([[1, 0]] * 3 + [[1, 1]] * 2))
    assert heavy.booklets[0].item_counts.tolist() == many.booklets[0].item_counts.tolist()
    assert heavy.works == 5


def test_groups_add_up_to_the_whole():
    chance = np.random.default_rng(8)
    scores = chance.integers(0, 3, (200, 5))
    schools = chance.choice(["a", "b", "c"], 200)
    responses = from_matrix(scores, groups={"school": schools})
    parts = statistics_by(responses, "school")
    assert add(list(parts.values())).counts_hash == sufficient_statistics(responses).counts_hash


def test_leaving_an_item_out_leaves_its_scores_out_of_the_total():
    responses = from_matrix([[1, 2, 0], [0, 1, -1]], items=["a", "b", "c"])
    fewer = responses.without_items(["b"])
    assert [item.id for item in fewer.design.items] == ["a", "c"]
    assert fewer.matrix().tolist() == [[1, 0], [0, -1]]
    with pytest.raises(errors.UnknownItem, match="zz"):
        responses.without_items(["zz"])


def test_an_unused_score_can_be_dropped_or_merged():
    responses = from_matrix([[0], [3]], items=["a"])
    assert responses.without_unused_scores().design.items[0].scores == (0, 3)
    merged = responses.rescored({"a": {2: 1, 3: 2}})
    assert merged.design.items[0].scores == (0, 1, 2)
    assert merged.matrix().tolist() == [[0], [2]]


def test_the_hash_knows_every_response():
    scores = np.array([[1, 0], [0, 1]])
    other = scores.copy()
    other[1, 1] = 0
    assert from_matrix(scores).data_hash == from_matrix(scores).data_hash
    assert from_matrix(scores).data_hash != from_matrix(other).data_hash


def test_an_item_must_rise_from_zero():
    for scores in ((1, 2), (0,), (0, 2, 1), (0, 127)):
        with pytest.raises(errors.WrongSettings):
            Item("a", scores)


def test_a_booklet_holds_an_item_once():
    with pytest.raises(errors.WrongSettings):
        Booklet("A", np.array([0, 0]))
    with pytest.raises(errors.MeasurementError, match="одинаково"):
        from_matrix([[1, 1]], items=["a", "a"])
    assert Design((Item("a"),), (Booklet("A", np.array([0])),)).max_score(0) == 1
