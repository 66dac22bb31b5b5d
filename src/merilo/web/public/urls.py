from django.urls import path

from .styleguide import styleguide

urlpatterns = [path("styleguide/", styleguide, name="styleguide")]
