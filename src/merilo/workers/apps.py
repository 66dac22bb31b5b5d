from django.apps import AppConfig


class WorkersConfig(AppConfig):
    name = "merilo.workers"
    label = "merilo_workers"
