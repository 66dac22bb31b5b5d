from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "merilo.casework"
    label = "casework"
