from django.apps import AppConfig


class AdmissionsConfig(AppConfig):
    name = "merilo.admissions"
    label = "admissions"
