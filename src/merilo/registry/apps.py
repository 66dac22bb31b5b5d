from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "merilo.registry"
    label = "registry"
