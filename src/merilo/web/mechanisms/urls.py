"""Addresses of the pages of municipal mechanisms (МУМ)."""

from django.urls import path

from . import closed_pages, criteria, cycles, form, keeping, mapping, paste

urlpatterns = [
    path("mechanisms/", cycles.cycles, name="mechanisms"),
    path("mechanisms/cycles/<int:cycle_id>/", cycles.cycle, name="mechanisms-cycle"),
    path("mechanisms/criteria/", criteria.editions, name="mechanisms-criteria"),
    path("mechanisms/criteria/load/", criteria.load, name="mechanisms-criteria-load"),
    path("mechanisms/criteria/template/", criteria.template, name="mechanisms-criteria-template"),
    path("mechanisms/criteria/mapping/", mapping.mapping, name="mechanisms-criteria-mapping"),
    path("mechanisms/criteria/<slug:edition>/", criteria.edition, name="mechanisms-edition"),
    path("mechanisms/materials/<int:submission_id>/", form.overview, name="mechanisms-form"),
    path(
        "mechanisms/materials/<int:submission_id>/paste/",
        paste.paste,
        name="mechanisms-form-paste",
    ),
    path(
        "mechanisms/materials/<int:submission_id>/save/", keeping.save, name="mechanisms-form-save"
    ),
    path(
        "mechanisms/materials/<int:submission_id>/part/<path:code>/",
        form.part,
        name="mechanisms-form-part",
    ),
    path("mechanisms/links/<int:link_id>/access/", closed_pages.access, name="mechanisms-access"),
]
