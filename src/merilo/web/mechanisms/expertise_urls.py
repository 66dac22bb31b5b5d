"""Addresses of the expertise: experts, assignment, scoring, marks, objections, the map of the cycle."""

from django.urls import path

from . import agreement, assignment, cycle_map, expertise, experts, harmonising, marks, scoring

EXPERTISE = [
    path("mechanisms/expertise/", expertise.expertise, name="mechanisms-expertise"),
    path("mechanisms/expertise/ties/", expertise.ties, name="mechanisms-ties"),
    path("mechanisms/expertise/<int:appointment_id>/", scoring.sheet, name="mechanisms-scoring"),
    path(
        "mechanisms/expertise/<int:appointment_id>/finish/",
        scoring.finish,
        name="mechanisms-finish",
    ),
    path(
        "mechanisms/expertise/<int:appointment_id>/<int:criterion_id>/",
        scoring.position,
        name="mechanisms-position",
    ),
    path(
        "mechanisms/expertise/<int:appointment_id>/map/<int:track_id>/",
        cycle_map.ruling,
        name="mechanisms-map-ruling",
    ),
    path(
        "mechanisms/expertise/<int:appointment_id>/harmonising/",
        harmonising.harmonising,
        name="mechanisms-harmonising",
    ),
    path(
        "mechanisms/expertise/<int:appointment_id>/harmonising/<int:criterion_id>/",
        harmonising.propose,
        name="mechanisms-propose",
    ),
    path(
        "mechanisms/expertise/<int:appointment_id>/harmonising/<int:criterion_id>/third/",
        harmonising.give_up,
        name="mechanisms-give-up",
    ),
]
OPERATOR = [
    path("mechanisms/experts/", experts.experts, name="mechanisms-experts"),
    path("mechanisms/experts/<int:expert_id>/", experts.expert, name="mechanisms-expert"),
    path(
        "mechanisms/experts/<int:expert_id>/exclude/",
        experts.exclude,
        name="mechanisms-expert-exclude",
    ),
    path("mechanisms/ties/<int:tie_id>/remove/", experts.untie, name="mechanisms-untie"),
    path(
        "mechanisms/cycles/<int:cycle_id>/assignment/",
        assignment.assignment,
        name="mechanisms-assignment",
    ),
    path(
        "mechanisms/cycles/<int:cycle_id>/assignment/move/",
        assignment.move,
        name="mechanisms-assignment-move",
    ),
    path(
        "mechanisms/submissions/<int:submission_id>/experts/<int:criterion_id>/",
        assignment.appoint,
        name="mechanisms-appoint",
    ),
    path(
        "mechanisms/appointments/<int:appointment_id>/dismiss/",
        assignment.dismiss,
        name="mechanisms-dismiss",
    ),
    path(
        "mechanisms/cycles/<int:cycle_id>/agreement/",
        agreement.agreement,
        name="mechanisms-agreement",
    ),
    path(
        "mechanisms/objections/<int:objection_id>/", marks.objection, name="mechanisms-objection"
    ),
]
MARKS = [
    path(
        "mechanisms/submissions/<int:submission_id>/marks/", marks.marks, name="mechanisms-marks"
    ),
    path(
        "mechanisms/submissions/<int:submission_id>/protocol.<str:kind>",
        marks.protocol,
        name="mechanisms-protocol",
    ),
    path(
        "mechanisms/submissions/<int:submission_id>/marks/<int:criterion_id>/object/",
        marks.object_to,
        name="mechanisms-object",
    ),
    path(
        "mechanisms/objections/<int:objection_id>/withdraw/",
        marks.withdraw,
        name="mechanisms-objection-withdraw",
    ),
    path(
        "mechanisms/submissions/<int:submission_id>/map/", cycle_map.maps, name="mechanisms-maps"
    ),
    path(
        "mechanisms/submissions/<int:submission_id>/map/<int:track_id>/",
        cycle_map.track_map,
        name="mechanisms-map",
    ),
    path(
        "mechanisms/submissions/<int:submission_id>/map/<int:track_id>/change/",
        cycle_map.change,
        name="mechanisms-map-change",
    ),
]

EXPERTISE_PAGES = [*EXPERTISE, *OPERATOR, *MARKS]
