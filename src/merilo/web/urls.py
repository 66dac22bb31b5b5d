from django.urls import path

from .public.styleguide import styleguide

urlpatterns = [path("styleguide/", styleguide, name="styleguide")]
