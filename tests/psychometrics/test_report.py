"""The report is one safe file that says in words what the pictures show."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from merilo_psychometrics.calibration import calibrate_cml
from merilo_psychometrics.report import write_report
from merilo_psychometrics.report.drawing import round_numbers
from merilo_psychometrics.simulation import (
    Cohort,
    anchored_booklets,
    complete_design,
    item_bank,
    leak_items,
    simulate_responses,
)
from merilo_psychometrics.tongue import Tongue


@pytest.fixture(scope="module")
def leaked():
    """Booklets of which one item is known to a third of the persons beforehand."""
    rng = np.random.default_rng(11)
    bank = item_bank(18, rng=rng)
    design = anchored_booklets(bank.items, booklets=2, length=12, anchors=6)
    made = simulate_responses(
        bank, design, [Cohort("all", 1500)], rng=rng, groups={"school": (12, 0.8)}
    )
    hard = bank.items[int(np.argmax(bank.difficulty))].id
    deed = leak_items(made.responses, [hard], persons=0.35, chance=1.0, rng=rng)
    return deed.responses, hard


@pytest.fixture(scope="module")
def page(leaked):
    responses, _ = leaked
    return write_report(responses, calibrate_cml(responses), title="Проба <1>")


class Reader(HTMLParser):
    """Collects tags, and tells a tag that was not closed."""

    VOID = ("meta",)

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.addresses = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.addresses += [v for k, v in attrs if k in ("src", "href", "xlink:href")]
        if any(k == "style" or k.startswith("on") for k, _ in attrs):
            self.addresses.append("inline")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_file_loads_nothing_and_runs_nothing(page):
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert "script" not in reader.seen
    assert all(address.startswith("#") for address in reader.addresses)
    assert "default-src 'none'" in page
    assert "Проба &lt;1&gt;" in page


def test_every_picture_has_a_title_and_a_table_stands_beside(page):
    assert len(re.findall("<svg", page)) == len(re.findall("<svg[^>]*><title>", page))
    sections = re.split("<h2 ", page)[1:]
    assert len(sections) >= 9
    for section in sections:
        if "<svg" in section:
            assert "<table" in section, section[:80]


def test_a_leaked_item_is_named_in_plain_words(page, leaked):
    _, hard = leaked
    fit = page.split('id="fit"')[1].split("<h2")[0]
    assert f"{hard}: " in fit
    assert "слабые решают его чаще" in fit


def test_groups_are_shown_as_a_reason_to_look_and_not_as_guilt(page):
    groups = page.split('id="group-school"')[1].split("<h2")[0]
    assert "повод посмотреть, а не вывод о нарушении" in groups
    assert groups.count("<tr") == 13


def test_columns_are_named_in_words_and_lines_by_their_booklets(leaked):
    responses, _ = leaked
    fitted = [{"item": "i1", "infit": 1.0, "infit_t": 0.1, "s_x2": 3.0, "p": 0.5, "remark": ""}]
    compared = [{"item": "i1", "group": "a", "effect": 0.1, "se": 0.1, "class": "A"}]
    page = write_report(responses, calibrate_cml(responses), title="Т", fit_rows=fitted,
                        dif_rows=compared)  # fmt: skip
    for raw in ("infit_t", "s_x2", "remark", ">effect<", ">class<"):
        assert raw not in page
    assert "S-X² сверяет" in page
    assert "<figure><figcaption>i0" in page  # the name of a small picture stands above it
    for booklet in responses.design.booklets:
        assert (
            page.count(f'text-anchor="middle">{booklet.id}</text>') >= 3
        )  # two of precision, one of scores


def test_the_same_report_in_english(leaked):
    responses, _ = leaked
    page = write_report(responses, calibrate_cml(responses), title="Trial", language="en")
    assert '<html lang="en">' in page
    assert not re.search("[А-Яа-я]", page.split("</style>")[1])


def test_the_hash_of_the_data_stands_in_the_report(page, leaked):
    assert leaked[0].data_hash in page


def test_a_test_of_one_booklet_and_long_scores_is_reported():
    rng = np.random.default_rng(2)
    bank = item_bank(6, model="pcm", steps=3, rng=rng)
    made = simulate_responses(bank, complete_design(bank.items), [Cohort("all", 600)], rng=rng)
    page = write_report(made.responses, calibrate_cml(made.responses), title="PCM")
    assert "Карта" in page
    assert not re.search(r"\bnan\b", page.split("</style>")[1].lower())


def test_numbers_are_written_as_each_language_does():
    assert Tongue("ru").number(-1.25) == "\u22121,25"
    assert Tongue("en").number(1234.5, 1) == "1234.5"
    assert Tongue("ru").number(float("nan")) == "—"
    assert Tongue("ru").number(-0.001) == "0,00"
    assert Tongue("ru").count(12345) == "12\u202f345"
    assert round_numbers(-0.3, 1.1, count=7) == pytest.approx([-0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
