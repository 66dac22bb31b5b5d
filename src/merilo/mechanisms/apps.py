from django.apps import AppConfig


class MechanismsConfig(AppConfig):
    name = "merilo.mechanisms"
    label = "mechanisms"
