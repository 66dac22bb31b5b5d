from django.urls import path

from .help import help_index, help_page

urlpatterns = [
    path("help/", help_index, name="help"),
    path("help/<slug:name>/", help_page, name="help-page"),
]
