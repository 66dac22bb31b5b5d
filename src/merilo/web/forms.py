"""How every form of the site is drawn: {{ form }} looks as if each field were written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]


class Renderer(TemplatesSetting):
    """Set as FORM_RENDERER; needs "django.forms" among the installed applications."""

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        draw = DRAWN.get(template_name)
        return draw(context["widget"]) if draw else super().render(template_name, context, request)


# The filters of a list have four to seven of these with dozens of options: drawn by Django's own
# templates, an include for each option, they cost as much as the rows of the list.


def _attributes(attrs: Mapping[str, Any]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
        for name, value in attrs.items()
        if value is not False
    )


def _select(widget: Widget) -> SafeString:
    parts = [f'<select name="{escape(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'<optgroup label="{conditional_escape(group)}">')
        parts += (
            f'<option value="{escape(str(one["value"]))}"{_attributes(one["attrs"])}>'
            f"{conditional_escape(one['label'])}</option>"
            for one in options
        )
        if group:
            parts.append("</optgroup>")
    parts.append("</select>")
    return mark_safe("\n".join(parts))  # noqa: S308  every part is escaped above


def _input(widget: Widget) -> SafeString:
    value = widget["value"]
    given = "" if value is None else f' value="{escape(str(value))}"'
    return mark_safe(  # noqa: S308  every part is escaped
        f'<input type="{escape(widget["type"])}" name="{escape(widget["name"])}"{given}'
        f"{_attributes(widget['attrs'])}>"
    )


DRAWN: Mapping[str, Callable[[Widget], SafeString]] = {
    "django/forms/widgets/select.html": _select,
    **{
        f"django/forms/widgets/{name}.html": _input
        for name in ("text", "number", "date", "email", "password", "hidden", "checkbox")
    },
}
