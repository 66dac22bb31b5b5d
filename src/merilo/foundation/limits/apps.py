from django.apps import AppConfig


class LimitsConfig(AppConfig):
    name = "merilo.foundation.limits"
    label = "limits"
