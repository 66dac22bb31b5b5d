from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "merilo.foundation.files"
    label = "files"
