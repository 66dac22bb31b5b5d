from django.urls import path

from .home import home, switch_position

urlpatterns = [
    path("", home, name="home"),
    path("position/", switch_position, name="switch_position"),
]
