"""Addresses of the pages of municipal mechanisms (МУМ)."""

from django.urls import path

from . import document, evidence, results, years

urlpatterns = [
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
