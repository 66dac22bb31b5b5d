from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "merilo.foundation.journal"
    label = "journal"
