from django.urls import path

from .day import add, additional, check, day
from .elsewhere import elsewhere
from .schedule import schedule
from .schedules import capacity, schedules
from .sessions_import import sessions_import, template

urlpatterns = [
    path("applications/<int:application_id>/elsewhere/", elsewhere, name="application-elsewhere"),
    path("schedules/", schedules, name="schedules"),
    path("schedules/capacity/", capacity, name="schedules-capacity"),
    path("schedules/check/", check, name="schedules-check"),
    path("schedules/template/", template, name="schedules-template"),
    path("schedules/<int:schedule_id>/", schedule, name="schedules-one"),
    path("schedules/<int:schedule_id>/add/", add, name="schedules-add"),
    path("schedules/<int:schedule_id>/additional/", additional, name="schedules-additional"),
    path("schedules/<int:schedule_id>/import/", sessions_import, name="schedules-import"),
    path("schedules/days/<int:session_id>/", day, name="schedules-day"),
]
