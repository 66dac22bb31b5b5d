from django.urls import path

from .accounts import account, account_new, accounts
from .imports import import_run, import_template, imports
from .organisation import organisation
from .organisations import organisation_edit, organisation_new, organisations
from .tokens import tokens

urlpatterns = [
    path("organisations/", organisations, name="organisations"),
    path("organisations/new/", organisation_new, name="organisation-new"),
    path("organisations/<int:organisation_id>/", organisation, name="organisation"),
    path("organisations/<int:organisation_id>/edit/", organisation_edit, name="organisation-edit"),
    path("people/", accounts, name="accounts"),
    path("people/new/", account_new, name="account-new"),
    path("people/<int:account_id>/", account, name="account"),
    path("tokens/", tokens, name="tokens"),
    path("imports/", imports, name="imports"),
    path("imports/template/<slug:kind>/", import_template, name="import-template"),
    path("imports/<int:run_id>/", import_run, name="import-run"),
]
