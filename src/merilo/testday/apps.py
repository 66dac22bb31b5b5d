from django.apps import AppConfig


class TestdayConfig(AppConfig):
    name = "merilo.testday"
    label = "testday"
