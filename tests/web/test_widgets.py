"""Controls drawn by Python say exactly what Django's own templates say, and escape as they do."""

from __future__ import annotations

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from merilo.web.forms import Renderer

NASTY = """<b>"'&</b>"""
CHOICES = [
    ("", "—"),
    ("Группа & другие", [("a", NASTY), ("b", gettext_lazy("все"))]),
    (NASTY, "первый"),
    (3, format_html("<i>{}</i>", "жирный")),
]
WIDGETS = [
    (forms.TextInput(attrs={"required": True, "disabled": False, "title": NASTY}), NASTY),
    (forms.TextInput(), ""),
    (forms.TextInput(), None),
    (forms.NumberInput(attrs={"min": 0}), 0),
    (forms.DateInput(), "2026-03-02"),
    (forms.EmailInput(), "a@b"),
    (forms.PasswordInput(), "secret"),
    (forms.HiddenInput(), NASTY),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput(), None),
    (forms.Select(choices=CHOICES), NASTY),
    (forms.Select(choices=CHOICES), "3"),
    (forms.SelectMultiple(choices=CHOICES), ["a", "b"]),
]


def parsed(html: str) -> list[str]:
    """The tags and words, whatever blanks stand between them."""
    return [piece.strip() for piece in html.replace("<", "\n<").splitlines() if piece.strip()]


@pytest.mark.parametrize(("widget", "value"), WIDGETS)
def test_a_control_is_the_one_django_draws(widget, value):
    attrs = {"id": "id_x", "aria-label": NASTY}
    ours = widget.render("x", value, attrs, renderer=Renderer())
    theirs = widget.render("x", value, attrs, renderer=DjangoTemplates())
    assert parsed(ours) == parsed(theirs)
