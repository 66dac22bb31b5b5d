"""What stands in every row of a long list, drawn by Python: deadlines, tags, ticks, small acts.

The components of the same names say the same in templates; but a component for each cell of fifty
rows costs more than the query behind them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .merilo import deadline

register = template.Library()


@register.simple_tag(takes_context=True)
def due(
    context: template.Context,
    day_or_moment: date | datetime | None,
    left: Any = None,
    done: Any = False,
    note: str = "",
    bare: Any = False,
) -> SafeString:
    """{% due duty.due duty.left %}: the deadline drawn."""
    said = deadline(context, day_or_moment, left, done)
    small = "" if bare else note or said["small"]
    return format_html(
        '<span class="deadline">{}{}</span>',
        tag(said["words"], said["kind"]),
        format_html("<small>{}</small>", small) if small else "",
    )


@register.simple_tag
def tag(words: Any, kind: str = "wait") -> SafeString:
    """{% tag "принят" "ok" %}: <c-tag> for rows of long lists."""
    return format_html('<span class="tag {}">{}</span>', kind, words)


@register.simple_tag
def numbers(cells: Iterable[tuple[int, str]]) -> SafeString:
    """{% numbers row.cells %}: numbers of a table, each with the address of the list behind it."""
    return format_html_join(
        "",
        '<td class="number">{}</td>',
        ((format_html('<a href="{}">{}</a>', to, n) if to else n or "·",) for n, to in cells),
    )


@register.simple_tag
def pick(value: Any, label: Any, name: str = "ids") -> SafeString:
    """{% pick case.id case.number %}: <c-pick> for rows of long lists."""
    return format_html(
        '<label class="tick"><span class="hidden-words">{}</span><input type="checkbox" name="{}"'
        ' value="{}" data-bulk-item autocomplete="off"></label>',
        _("Отметить: %(label)s") % {"label": label},
        name,
        value,
    )


@register.simple_tag(takes_context=True)
def act(context: template.Context, action: str, words: str, kind: str = "small") -> SafeString:
    """{% act url words %}: <c-act> for rows of long lists, a button that asks nothing back."""
    return format_html(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" '
        'value="{}"><button class="button {}" type="submit">{}</button></form>',
        action,
        context["csrf_token"],
        kind,
        words,
    )
