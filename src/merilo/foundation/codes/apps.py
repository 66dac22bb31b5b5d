from django.apps import AppConfig


class CodesConfig(AppConfig):
    name = "merilo.foundation.codes"
    label = "codes"
