"""Addresses of the programming interface. Anything under api/ that is not one is a problem too."""

from django.urls import path, re_path

from . import (
    applications,
    bookings,
    days,
    exchange,
    expertise,
    law_answers,
    mechanism_criteria,
    mechanism_cycles,
    mechanism_forms,
    mechanism_maps,
    mechanism_objections,
    mechanism_results,
    mechanism_runs,
    mechanisms,
    register,
    results,
)
from .door import api, every_error_in_words, nothing_here

MODULES = (
    register, applications, bookings, days, results, exchange,
    mechanisms, mechanism_criteria, mechanism_cycles, mechanism_forms, mechanism_maps,
    mechanism_objections, mechanism_results, mechanism_runs, expertise, law_answers,
)  # fmt: skip
for module in MODULES:
    api.add_router("", module.router, tags=[module.TAG])

_patterns, _app, _namespace = api.urls
for _pattern in _patterns:
    _pattern.callback = every_error_in_words(_pattern.callback)

urlpatterns = [
    path("v1/", (_patterns, _app, _namespace)),
    re_path(r"^(?P<path>.*)$", nothing_here),
]
