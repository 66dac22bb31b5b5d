from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "merilo.demo"
    label = "merilo_demo"
