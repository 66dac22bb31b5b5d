from django.apps import AppConfig


class ResultsConfig(AppConfig):
    name = "merilo.results"
    label = "results"
