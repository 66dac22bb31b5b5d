from django.urls import path

from .journal import journal
from .overview import overview

urlpatterns = [
    path("journal/", journal, name="journal"),
    path("overview/", overview, name="overview"),
]
