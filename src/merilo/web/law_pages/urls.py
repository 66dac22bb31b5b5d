from django.urls import path

from .rulebook import counting, production_calendar, rule, rulebook

urlpatterns = [
    path("rules/", rulebook, name="rulebook"),
    path("rules/count/", counting, name="counting"),
    path("rules/calendar/<int:year>/", production_calendar, name="production-calendar"),
    path("rules/<str:name>/", rule, name="rule"),
]
