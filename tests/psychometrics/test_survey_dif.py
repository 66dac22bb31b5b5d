"""DIF in a survey: weights of any scale, and errors that know that schools were drawn."""

from __future__ import annotations

import numpy as np
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.fairness import standardisation, survey_dif
from merilo_psychometrics.responses import from_matrix


def survey(seed, *, schools=60, size=25, items=12, dif=0.0, together=0.0, weights=True):
    """Pupils of drawn schools; `together`: an item is taught well or badly in a whole school."""
    rng = np.random.default_rng(seed)
    school = np.repeat(np.arange(schools), size)
    # Villages and cities are whole schools, so the clusters carry the comparison.
    village = (school % 2 == 0).astype(int)
    theta = rng.normal(0, 1, len(school)) - 0.3 * village
    taught = rng.normal(0, together, (schools, items))[school]
    hard = np.linspace(-1.2, 1.2, items)
    logit = theta[:, None] - hard + taught
    logit[:, 4] -= dif * village
    scores = (rng.random(logit.shape) < 1 / (1 + np.exp(-logit))).astype(np.int8)
    weight = rng.choice([0.4, 1.0, 3.0], schools)[school] if weights else None
    where = np.where(village == 1, "village", "city")
    return from_matrix(
        scores, weights=weight, groups={"where": where, "school": school.astype(str)}
    )


def test_without_weights_the_difference_is_that_of_standardisation():
    responses = survey(1, weights=False, dif=0.5)
    plain = standardisation(responses, "where", reference="city")
    found = survey_dif(responses, "where", reference="city")
    assert found.effect == pytest.approx(plain.effect, abs=1e-12)
    assert found.se == pytest.approx(plain.se, rel=0.1)


def test_weights_may_be_on_any_scale_and_count_as_people():
    responses = survey(2, dif=0.5)
    block = responses.blocks[0]
    grown = from_matrix(
        block.scores,
        weights=1000 * block.weights,
        groups={n: np.array(responses.groups[n])[c] for n, c in block.groups.items()},
    )
    one, two = (
        survey_dif(r, "where", reference="city", clusters="school") for r in (responses, grown)
    )
    assert two.effect == pytest.approx(one.effect)
    assert two.p == pytest.approx(one.p)


def test_schools_taught_alike_are_not_taken_for_dif():
    known, naive = [], []
    for seed in range(40):
        responses = survey(100 + seed, together=0.5)
        known.append(survey_dif(responses, "where", reference="city", clusters="school").p)
        naive.append(survey_dif(responses, "where", reference="city").p)
    assert np.mean(np.array(known) < 0.05) == pytest.approx(0.05, abs=0.025)
    assert np.mean(np.array(naive) < 0.05) > 0.12


def test_planted_dif_is_found():
    responses = survey(7, schools=120, dif=1.0, together=0.2)
    found = survey_dif(responses, "where", reference="city", clusters="school")
    assert found.beyond()[0] == ("village", found.items[4])
    assert found.effect[0, 4] < -0.1
    assert found.classes[0, 4] == "C"


def test_what_cannot_be_compared_is_refused():
    responses = survey(9, schools=8)
    with pytest.raises(errors.TooFewPersons, match="кластеров"):
        survey_dif(responses, "where", reference="city", clusters="school")
    with pytest.raises(errors.WrongSettings, match="нет групп"):
        survey_dif(responses, "where", reference="town")
    # Groups that are schools themselves: nothing varies between the schools of a group.
    responses = survey(10)
    names = responses.group_names("school")
    with pytest.raises(errors.TooFewPersons, match="меньше десяти отобранных школ"):
        survey_dif(responses, "school", reference=names[0], clusters="school")
