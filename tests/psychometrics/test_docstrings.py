"""Every public verb says where its statistic comes from, by which formula, and what it raises."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

from merilo_psychometrics import errors

# Packages whose verbs compute a statistic; those that read, count and draw have no paper.
METHODS = ("calibration", "classical", "curves", "fairness", "fit", "forensics", "likelihood",
           "linking", "multiplicity", "persons", "raters", "standards")  # fmt: skip
OTHERS = ("data", "simulation", "statistics", "weights", "responses", "parameters")
# A paper with its year, or a document named as the source.
SOURCE = re.compile(r"\b(1[89]|20)\d\d[a-z]?\b|Source:")
# An equation of the paper, or the formula itself.
FORMULA = re.compile(r"\beq\. ?[\d(]|[=≥≤∝~∫Σ√Φ≈]")
# Verbs that take, arrange or draw what others compute with: there is no formula to give.
NO_STATISTIC = {
    "curves.score_table",
    "fairness.matched_counts",
    "forensics.histograms",
    "likelihood.pack",
    "linking.count_responses",
    "linking.count_scores",
    "linking.from_counts",
    "linking.given_quadrature",
    "raters.find_discrepancies",
    "raters.make_ratings",
    "raters.require_linked",
}
KINDS = {name for name, kind in vars(errors).items() if inspect.isclass(kind)}


def verbs(packages: tuple[str, ...]) -> dict[str, Callable[..., Any]]:
    """Public functions by package and name."""
    found = {}
    for package in packages:
        module = importlib.import_module(f"merilo_psychometrics.{package}")
        for name in getattr(module, "__all__", dir(module)):
            verb = getattr(module, name)
            ours = getattr(verb, "__module__", "").startswith(f"merilo_psychometrics.{package}")
            if inspect.isfunction(verb) and ours and not name.startswith("_"):
                found[f"{package}.{name}"] = verb
    return found


def said(verb: Callable[..., Any]) -> str:
    return inspect.getdoc(verb) or ""


def raised_by(verb: Callable[..., Any]) -> set[str]:
    """Our errors that the verb raises, itself or by private functions of its module."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(verb)))
    bodies = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found, waiting, seen = set(), [verb.__name__], set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in bodies:
            continue
        seen.add(name)
        for node in ast.walk(bodies[name]):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                found.add(ast.unparse(node.exc.func).split(".")[-1])
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id.startswith("_"):
                waiting.append(called.id)
    return found & KINDS


@pytest.mark.parametrize("name", verbs(METHODS))
def test_a_statistic_has_a_source_and_a_formula(name):
    if name in NO_STATISTIC:
        return
    text = said(verbs(METHODS)[name])
    assert SOURCE.search(text), f"{name} names no source"
    assert FORMULA.search(text), f"{name} gives neither a formula nor the equation of its paper"


@pytest.mark.parametrize("name", verbs(METHODS + OTHERS))
def test_a_verb_names_its_errors(name):
    verb = verbs(METHODS + OTHERS)[name]
    text = said(verb)
    assert not {error for error in raised_by(verb) if f"`{error}`" not in text}


def test_what_needs_no_formula_is_there():
    assert set(verbs(METHODS)) >= NO_STATISTIC
