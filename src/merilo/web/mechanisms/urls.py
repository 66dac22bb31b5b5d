"""Addresses of the pages of municipal mechanisms (МУМ)."""

from django.urls import path

from . import (
    closed_pages,
    clusters,
    criteria,
    cycles,
    document,
    evidence,
    form,
    keeping,
    mapping,
    paste,
    results,
    years,
)
from .expertise_urls import EXPERTISE_PAGES

urlpatterns = [
    *EXPERTISE_PAGES,
    path("mechanisms/", cycles.cycles, name="mechanisms"),
    path("mechanisms/cycles/<int:cycle_id>/", cycles.cycle, name="mechanisms-cycle"),
    path(
        "mechanisms/cycles/<int:cycle_id>/clusters/",
        clusters.clusters,
        name="mechanisms-clusters",
    ),
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
    path(
        "mechanisms/materials/<int:submission_id>/evidence/",
        evidence.evidence,
        name="mechanisms-evidence",
    ),
    path(
        "mechanisms/materials/<int:submission_id>/evidence/visit/",
        evidence.visit_now,
        name="mechanisms-visit-now",
    ),
    path(
        "mechanisms/materials/<int:submission_id>/result/",
        results.result,
        name="mechanisms-result",
    ),
    path(
        "mechanisms/materials/<int:submission_id>/recommendations.docx",
        results.recommendations,
        name="mechanisms-recommendations",
    ),
    path(
        "mechanisms/cycles/<int:cycle_id>/standings/",
        results.standings,
        name="mechanisms-standings",
    ),
    path("mechanisms/open/<int:cycle_id>.csv", results.open_data, name="mechanisms-open-data"),
    path("mechanisms/years/", years.years, name="mechanisms-years"),
    path("mechanisms/links/<int:link_id>/", document.document, name="mechanisms-document"),
    path(
        "mechanisms/links/<int:link_id>/pages/<int:number>/",
        document.page_picture,
        name="mechanisms-page",
    ),
    path("mechanisms/links/<int:link_id>/file/", document.original, name="mechanisms-original"),
]
