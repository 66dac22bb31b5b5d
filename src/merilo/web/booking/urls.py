from django.urls import path

from .choose import choose, move
from .find import find
from .made import cancel, made
from .schedule import schedule, session

urlpatterns = [
    path("booking/", find, name="booking"),
    path("booking/<int:referral_id>/", choose, name="booking-referral"),
    path("booking/made/<int:booking_id>/", made, name="booking-made"),
    path("booking/made/<int:booking_id>/move/", move, name="booking-move"),
    path("booking/made/<int:booking_id>/cancel/", cancel, name="booking-cancel"),
    path("schedule/", schedule, name="schedule"),
    path("schedule/<int:session_id>/", session, name="schedule-session"),
]
