"""The closed lists: reasons, journal events, duties, routes, generated documents, migrations."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import NoReverseMatch, reverse

from merilo.foundation.journal.events import EVENTS
from merilo.law.refusal import Reason

from .test_layers_and_names import ROOT, SOURCES, contexts, modules, named

import_module("merilo.urls")  # the API and the pages have reasons of their own
for context in contexts():
    for module in ("rules", "actions", "steps", "queries"):
        if list(SOURCES.glob(f"{context}/{module}*")):
            import_module(f"merilo.{context}.{module}")

LIST = SOURCES / "foundation" / "journal" / "events.py"
PLACE = re.compile(r"%\((\w+)\)[sd]")


@pytest.mark.parametrize("reason", list(Reason.registry.values()), ids=lambda r: r.code)
def test_a_reason_is_a_whole_sentence(reason: Reason):
    text = reason.text.strip()
    assert re.fullmatch(r"[a-z]+(\.[a-z0-9-]+)+", reason.code), "context.kebab-code"
    assert text.rstrip("»)")[-1] in ".!?…" or text.endswith("%(comment)s"), text
    assert text[0].isupper() or text[0].isdigit() or text[0] in "«%№", text
    assert "%" not in PLACE.sub("", text).replace("%%", ""), "a place that nothing fills"
    assert "{" not in text


def test_every_event_recorded_is_in_the_list_and_every_event_of_the_list_is_recorded():
    used: set[str] = set()
    unknown = []
    for path in modules():
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value in EVENTS and path != LIST:
                used.add(node.value)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "record",
                "recording.record",
            ):
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and first.value not in EVENTS:
                    unknown.append((named(path), first.value))
    assert unknown == []
    assert set(EVENTS) - used == set()


def duty_titles() -> dict[str, tuple[str, str]]:
    found = {}
    for context in contexts():
        rules = import_module(f"merilo.{context}.rules")
        found |= dict(getattr(rules, "DUTY_TITLES", {}))
    return found


@pytest.mark.parametrize(("kind", "title"), list(duty_titles().items()))
def test_every_duty_leads_to_a_page(kind: str, title: tuple[str, str]):
    words, page = title
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind)
    assert words and words[0].isupper()
    if not page:  # the duty is about no single thing
        return
    for arguments in ([1], []):
        try:
            reverse(page, args=arguments)
        except NoReverseMatch:
            continue
        return
    pytest.fail(f"{kind} leads to {page}, and there is no such page")


def test_every_kind_of_duty_has_a_title():
    """Kinds are strings in the sources; each one that is owed is in a DUTY_TITLES."""
    titles = duty_titles()
    owed = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "DutyFacts",
                "_duty",
                "owe",
            ):
                for value in (
                    *node.args[:2],
                    *(k.value for k in node.keywords if k.arg == "kind"),
                ):
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        owed.add(value.value)
    assert owed and owed <= set(titles)


def test_generated_documents_are_current():
    from merilo.cli import docs

    stale = [
        name
        for name, text in {"rulebook.md": docs.rulebook(), "states.md": docs.states()}.items()
        if (ROOT / "docs" / "generated" / name).read_text() != text
    ]
    assert stale == [], "print them anew: ./merilo docs"


@pytest.mark.django_db
def test_no_model_was_changed_without_a_migration(capsys):
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except SystemExit:
        pytest.fail(capsys.readouterr().out)


def test_translations_are_compiled():
    for po in SOURCES.glob("locale/*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        assert mo.exists(), f"compile {po.relative_to(ROOT)}"
        for entry in entries_of(po):
            if entry["places"] and entry["translated"]:
                assert entry["places"] == entry["translated_places"], entry["msgid"]


def entries_of(po: Path) -> list[dict]:
    """Each msgid with its translation and the places both have to fill."""
    found, block = [], []
    for line in [*po.read_text(encoding="utf-8").splitlines(), ""]:
        if line.strip():
            block.append(line)
            continue
        if any(one.startswith("#,") and "fuzzy" in one for one in block):
            raise AssertionError(f"a fuzzy entry in {po}: {block[-2:]}")
        text = "\n".join(one for one in block if not one.startswith("#"))
        block = []
        parts = re.split(r"^(msgid_plural|msgid|msgstr(?:\[\d\])?) ", text, flags=re.M)
        values = {}
        for name, value in zip(parts[1::2], parts[2::2], strict=False):
            values[name] = "".join(ast.literal_eval(one) for one in value.splitlines() if one)
        if not values.get("msgid"):
            continue
        translated = values.get("msgstr", values.get("msgstr[0]", ""))
        found.append(
            {
                "msgid": values["msgid"],
                "translated": translated,
                "places": set(PLACE.findall(values.get("msgid_plural", values["msgid"]))),
                "translated_places": set(
                    PLACE.findall(values.get("msgstr[1]", translated) or translated)
                ),
            }
        )
    return found
