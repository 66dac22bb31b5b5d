from django.apps import AppConfig


class MaterialsConfig(AppConfig):
    name = "merilo.materials"
    label = "materials"
