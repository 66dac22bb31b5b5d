"""What is drawn faster than Django draws it says the same as Django's own."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.template import Context, Template
from django.test.html import parse_html
from django.utils.translation import override

from merilo.web.forms import Renderer


def test_a_literal_speaks_the_language_of_each_reader():
    page = Template("{% translate 'Номер' %}")
    for _again in range(2):
        for language, words in (("ru", "Номер"), ("en", "Number")):
            with override(language):
                assert page.render(Context()) == words


def test_words_that_are_not_literals_are_looked_up_every_time():
    page = Template("{% translate word %}{% translate 'Номер' as kept %}/{{ kept }}")
    with override("en"):
        assert page.render(Context({"word": "Номер"})) == "Number/Number"
        assert page.render(Context({"word": "Школа"})) == "School/Number"


CHOICES = [
    ("", "любое"),
    ("a&b", "<первое>"),
    ("Группа «1»", [("x", "икс"), ("y", "игрек")]),
    (3, "три"),
]


class WithDisabled(forms.Select):
    def create_option(self, *args, **kwargs):
        option = super().create_option(*args, **kwargs)
        if option["value"] == "x":
            option["attrs"]["disabled"] = True
            option["attrs"]["data-why"] = 'нет "мест"'
        return option


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        (forms.Select(choices=CHOICES), "y"),
        (forms.Select(choices=CHOICES, attrs={"class": "govuk-select", "required": True}), 3),
        (forms.SelectMultiple(choices=CHOICES), ["a&b", "x"]),
        (WithDisabled(choices=CHOICES), None),
        (forms.NullBooleanSelect(), True),
    ],
)
def test_a_list_of_choices_is_what_django_draws(widget, value):
    ours = widget.render("one", value, attrs={"id": "id_one"}, renderer=Renderer())
    plain = widget.render("one", value, attrs={"id": "id_one"}, renderer=DjangoTemplates())
    assert parse_html(ours) == parse_html(plain)


def test_a_small_act_carries_its_token_and_no_html_of_its_words():
    page = Template('{% act "/x/" words %}')
    drawn = page.render(Context({"words": "<b>", "csrf_token": "token-of-the-page"}))
    assert 'method="post" action="/x/"' in drawn
    assert 'name="csrfmiddlewaretoken" value="token-of-the-page"' in drawn
    assert "&lt;b&gt;" in drawn and "<b>" not in drawn
