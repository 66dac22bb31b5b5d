"""Fields of forms for templates: a control with its label, hint, error and ids; links to errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms, template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from .merilo import sentence

register = template.Library()

TEMPLATES = (
    (forms.CheckboxSelectMultiple, "choices"),
    (forms.RadioSelect, "choices"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Textarea, "textarea"),
    (forms.Select, "select"),
    (forms.FileInput, "file"),
    (forms.PasswordInput, "password"),
)
CLASSES = {
    "textarea": "govuk-textarea",
    "select": "govuk-select",
    "file": "govuk-file-upload",
    "input": "govuk-input",
    "password": "govuk-input",
    "checkbox": "govuk-checkboxes__input",
}


def kind_of(field: forms.BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, forms.SplitDateTimeWidget | forms.SelectDateWidget | forms.MultiWidget):
        return "many"
    return next((kind for known, kind in TEMPLATES if isinstance(widget, known)), "input")


@register.simple_tag
def field_parts(field: forms.BoundField, **options: Any) -> dict[str, Any]:
    """What the template of a field needs: its kind, its drawn widget, its choices, its ids.

    Help and error ids are those Django itself puts into aria-describedby.
    """
    kind = kind_of(field)
    attrs: dict[str, Any] = {}
    if kind in CLASSES:
        classes = [field.field.widget.attrs.get("class", ""), CLASSES[kind]]
        if width := options.get("width"):
            classes.append(f"govuk-input--width-{width}")
        elif kind == "input" and isinstance(field.field, forms.DateField):
            classes.append("govuk-input--width-10")
        if field.errors and kind not in ("checkbox", "file"):
            classes.append(f"{CLASSES[kind]}--error")
        attrs["class"] = " ".join(filter(None, classes))
    if kind == "input" and isinstance(field.field, forms.DateField):
        attrs.setdefault("inputmode", "numeric")
    for name in ("autocomplete", "inputmode", "rows", "placeholder", "autofocus", "accept"):
        if options.get(name):
            attrs[name] = options[name]
    if kind == "many":
        attrs["class"] = "govuk-input govuk-input--width-5"
    described = [
        field.auto_id + suffix
        for suffix, there in (
            ("_helptext", field.help_text or options.get("hint")),
            ("_error", field.errors),
        )
        if there and field.auto_id
    ]
    if not options.get("placeholder"):
        field.field.widget.attrs.pop("placeholder", None)  # it vanishes when one begins to type
    if described and kind not in ("choices", "many"):
        attrs["aria-describedby"] = " ".join(described)
    widget = field.as_widget(attrs=attrs) if kind != "choices" else ""
    return {
        "kind": kind,
        "widget": widget,
        "help_id": f"{field.auto_id}_helptext",
        "error_id": f"{field.auto_id}_error",
        "described_by": " ".join(described),
        "many": isinstance(field.field.widget, forms.CheckboxSelectMultiple),
        "choices": list(field.subwidgets) if kind == "choices" else (),
    }


@register.simple_tag
def error_links(*sources: Any) -> list[dict[str, str]]:
    """Every error of forms, formsets or refusals as text and the id of its field."""
    return [link for source in sources if source for link in links_of(source)]


def links_of(source: Any) -> Iterable[dict[str, str]]:
    if isinstance(source, forms.BaseFormSet):
        for error in source.non_form_errors():
            yield {"text": str(error), "href": ""}
        for form in source.forms:
            yield from links_of(form)
    elif isinstance(source, forms.BaseForm):
        for error in source.non_field_errors():
            yield {"text": str(error), "href": ""}
        for field in source:
            for error in field.errors:
                yield {"text": named(field.label, str(error)), "href": f"#{first_id(field)}"}
    elif isinstance(source, str):
        yield {"text": source, "href": ""}
    elif hasattr(source, "sentence"):
        yield {"text": sentence(source), "href": ""}
    else:
        for one in source:
            yield from links_of(one)


def named(label: str, error: str) -> str:
    """«Дата рождения: введите правильную дату», unless the error names the field itself."""
    if label.lower() in error.lower():
        return error
    return f"{label}: {error[:1].lower()}{error[1:]}"


def first_id(field: forms.BoundField) -> str:
    """The id of the first thing to type or tick: a group of choices has none of its own."""
    return field.auto_id + ("_0" if kind_of(field) in ("choices", "many") else "")


@register.simple_tag
def draw_field(field: forms.BoundField, **options: Any) -> SafeString:
    """A whole field: label, hint, error, control. `<c-field>` is the same with nicer words."""
    return render_to_string("forms/field.html", {"field": field, **options})
