from django.urls import path

from .journal import journal

urlpatterns = [path("journal/", journal, name="journal")]
