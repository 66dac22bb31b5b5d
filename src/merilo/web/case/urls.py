from django.urls import path

from .case import case, person

urlpatterns = [
    path("applications/<int:application_id>/", case, name="application"),
    path("applications/<int:application_id>/person/", person, name="application-person"),
]
