from django.urls import path

from .applications import applications
from .authenticity import authenticity
from .closing import resubmit, withdraw
from .contacts import contacts
from .decision import decision
from .documents import document_file, documents
from .letter import letter
from .new import new_application
from .referral import referral, referral_paper

CASE = "applications/<int:application_id>/"

urlpatterns = [
    path("applications/", applications, name="applications"),
    path("applications/new/", new_application, name="application-new"),
    path(f"{CASE}documents/", documents, name="application-documents"),
    path(f"{CASE}documents/<slug:kind>/", document_file, name="application-document-file"),
    path(f"{CASE}resubmit/", resubmit, name="application-resubmit"),
    path(f"{CASE}authenticity/", authenticity, name="application-authenticity"),
    path(f"{CASE}referral/", referral, name="application-referral"),
    path(f"{CASE}referral/print/", referral_paper, name="application-referral-paper"),
    path(f"{CASE}contacts/", contacts, name="application-contacts"),
    path(f"{CASE}letters/<int:decision_id>/", letter, name="application-letter"),
    path(f"{CASE}decision/", decision, name="application-decision"),
    path(f"{CASE}withdraw/", withdraw, name="application-withdraw"),
]
