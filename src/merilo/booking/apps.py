from django.apps import AppConfig


class BookingConfig(AppConfig):
    name = "merilo.booking"
    label = "booking"
