from django.urls import path

from .interface import interface, operation

urlpatterns = [
    path("developers/", interface, name="interface"),
    path("developers/<slug:operation_id>/", operation, name="interface-operation"),
]
