"""`{% translate "…" %}` of a plain literal, looked up once for each language of a process.

A list has the words of its columns in every row: with Django's own tag a page of fifty rows asks
the catalogue hundreds of times for the same dozen words. Anything but a plain literal is left to
Django's tag.
"""

from __future__ import annotations

from django import template
from django.template.base import Node, Parser, Token
from django.template.context import Context
from django.templatetags.i18n import TranslateNode, do_translate
from django.utils.translation import get_language

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
