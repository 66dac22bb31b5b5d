"""What a template says in every row alike, looked up once: words and addresses.

A list has the words of its columns in every row, and the address of the same page: with Django's
own tags a page of fifty rows asks the catalogue hundreds of times for the same dozen words, and
the routes fifty times for one page. Anything but the plain case is left to Django's tags.
"""

from __future__ import annotations

from django import template
from django.template.base import Node, Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.templatetags.i18n import TranslateNode, do_translate
from django.utils.translation import get_language

from merilo.web.addresses import address

register = template.Library()


class Literal(Node):
    """The words of a literal by language; catalogues do not change while a process lives."""

    def __init__(self, plain: TranslateNode):
        self.plain = plain
        self.words: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        words = self.words.get(language)
        if words is None:
            words = self.words[language] = self.plain.render(context)
        return words


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    """Django's tag, remembered where its words cannot differ from one render to the next."""
    plain = do_translate(parser, token)
    said = plain.filter_expression
    fixed = getattr(said.var, "literal", None) is not None and not said.filters
    if fixed and not (plain.asvar or plain.noop or plain.message_context):
        return Literal(plain)
    return plain


class Numbered(Node):
    """The address of a page of numbered things."""

    def __init__(self, plain: URLNode, name: str):
        self.plain = plain
        self.name = name

    def render(self, context: Context) -> str:
        numbers = [arg.resolve(context) for arg in self.plain.args]
        if all(type(number) is int for number in numbers):
            return address(self.name, *numbers)  # digits and slashes: nothing to escape
        return self.plain.render(context)


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """Django's tag, worked out once for a page that is named in the template by its own name."""
    plain = django_url(parser, token)
    name = plain.view_name
    fixed = isinstance(name.var, str) and not name.filters and ":" not in name.var
    if fixed and not (plain.kwargs or plain.asvar):
        return Numbered(plain, str(name.var))
    return plain
