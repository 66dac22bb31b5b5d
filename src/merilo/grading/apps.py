from django.apps import AppConfig


class GradingConfig(AppConfig):
    name = "merilo.grading"
    label = "grading"
