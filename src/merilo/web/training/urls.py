from django.urls import path

from .demo import demo_accounts, demo_clock, demo_letters

urlpatterns = [
    path("demo/clock/", demo_clock, name="demo-clock"),
    path("demo/letters/", demo_letters, name="demo-letters"),
    path("demo/accounts/", demo_accounts, name="demo-accounts"),
]
