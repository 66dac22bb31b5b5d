from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "merilo.web"
    label = "merilo_web"
