from django.urls import path

from merilo.web.files import stored_file

from . import (
    attempt,
    checkin,
    commissions,
    day,
    days,
    finish,
    incidents,
    no_show_reason,
    no_shows,
    papers,
    rooms,
    staff,
)

urlpatterns = [
    path("days/", days.days, name="days"),
    path("days/open/<int:session_id>/", days.open_day, name="day-open"),
    path("days/<int:day_id>/", day.day, name="day"),
    path("days/<int:day_id>/ready/", day.mark_ready, name="day-ready"),
    path("days/<int:day_id>/present/", day.note_present, name="day-present"),
    path("days/<int:day_id>/brief/", day.brief, name="day-brief"),
    path("days/<int:day_id>/start/", day.start, name="day-start"),
    path("days/<int:day_id>/staff/", staff.staff, name="day-staff"),
    path("days/<int:day_id>/staff/<int:assignment_id>/", staff.replace, name="day-replace"),
    path("days/<int:day_id>/check-in/", checkin.checkin, name="day-checkin"),
    path("days/<int:day_id>/check-in/<int:booking_id>/", checkin.admit, name="day-checkin-one"),
    path(
        "days/<int:day_id>/check-in/<int:booking_id>/done/",
        checkin.admitted,
        name="day-checkin-done",
    ),
    path(
        "days/<int:day_id>/check-in/<int:booking_id>/refuse/",
        checkin.refuse,
        name="day-checkin-refuse",
    ),
    path(
        "days/<int:day_id>/check-in/<int:booking_id>/absent/",
        checkin.absent,
        name="day-checkin-absent",
    ),
    path(
        "days/<int:day_id>/check-in/<int:booking_id>/close/",
        checkin.close,
        name="day-checkin-close",
    ),
    path("days/<int:day_id>/rooms/", rooms.rooms, name="day-rooms"),
    path("days/<int:day_id>/rooms/act/", rooms.act, name="day-rooms-act"),
    path("days/<int:day_id>/incidents/", incidents.incidents, name="day-incidents"),
    path("days/<int:day_id>/print-plan/", papers.print_plan, name="day-print"),
    path("days/<int:day_id>/protocol.pdf", papers.day_protocol, name="day-protocol"),
    path("days/<int:day_id>/blanks.pdf", papers.blanks, name="day-blanks"),
    path("days/<int:day_id>/finish/", finish.finish, name="day-finish"),
    path("attempts/<int:attempt_id>/", attempt.attempt, name="attempt"),
    path("attempts/<int:attempt_id>/recording/", attempt.record_sound, name="attempt-recording"),
    path("attempts/<int:attempt_id>/interrupt/", attempt.interrupt, name="attempt-interrupt"),
    path("attempts/<int:attempt_id>/variant/", attempt.change_variant, name="attempt-variant"),
    path("attempts/<int:attempt_id>/annul/", attempt.annul, name="attempt-annul"),
    path("commissions/", commissions.commissions, name="commissions"),
    path("commissions/new/", commissions.new_commission, name="commission-new"),
    path(
        "commissions/<int:commission_id>/dissolve/",
        commissions.dissolve,
        name="commission-dissolve",
    ),
    path("files/<uuid:file_id>/", stored_file, name="file"),
    path(
        "applications/<int:application_id>/no-show/",
        no_show_reason.no_show_reason,
        name="application-no-show",
    ),
    path("no-shows/", no_shows.no_shows, name="no-shows"),
    path("no-shows/<int:booking_id>/", no_shows.no_show, name="no-show"),
]
