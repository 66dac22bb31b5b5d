"""Every page, by audience. Each audience keeps its own list."""

from django.urls import include, path

AUDIENCES = (
    "home",
    "case",
    "school",
    "booking",
    "ministry",
    "rcoi",
    "testday",
    "marking",
    "results",
    "exchange",
    "mechanisms",
    "registry",
    "law_pages",
    "oversight",
    "parent",
    "search",
    "help",
    "developers",
    "public",
    "training",
)

urlpatterns = [path("", include(f"merilo.web.{audience}.urls")) for audience in AUDIENCES]
