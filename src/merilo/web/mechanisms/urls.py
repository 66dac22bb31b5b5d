"""Addresses of the pages of municipal mechanisms (МУМ)."""

urlpatterns: list = []
