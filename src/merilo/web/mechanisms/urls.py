"""Addresses of the pages of municipal mechanisms (МУМ)."""

from django.urls import path

from . import document, evidence

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
    path("mechanisms/links/<int:link_id>/", document.document, name="mechanisms-document"),
    path(
        "mechanisms/links/<int:link_id>/pages/<int:number>/",
        document.page_picture,
        name="mechanisms-page",
    ),
    path("mechanisms/links/<int:link_id>/file/", document.original, name="mechanisms-original"),
]
