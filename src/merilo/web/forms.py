"""How every form of the site is drawn: {{ form }} looks as if each field were written by hand."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Set as FORM_RENDERER; needs "django.forms" among the installed applications."""

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"
