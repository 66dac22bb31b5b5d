from django.urls import path

from .status import status, status_case, status_code, status_code_on_paper, status_leave

urlpatterns = [
    path("status/", status, name="status"),
    path("status/code/", status_code, name="status-code"),
    path("status/case/", status_case, name="status-case"),
    path("status/leave/", status_leave, name="status-leave"),
    path(
        "applications/<int:application_id>/status-code/",
        status_code_on_paper,
        name="application-status-code",
    ),
]
