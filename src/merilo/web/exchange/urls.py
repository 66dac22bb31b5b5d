from django.urls import path, re_path

from .dispatches import dispatches, notice_act, notices, receive_dispatch

urlpatterns = [
    path("exchange/", dispatches, name="dispatches"),
    path("exchange/<int:dispatch_id>/receive/", receive_dispatch, name="dispatches-receive"),
    path("notices/", notices, name="notices"),
    path("notices/unsent/", notices, {"unsent": True}, name="notices-unsent"),
    re_path(
        r"^notices/(?P<notice_id>\d{1,18})/(?P<act>again|delivered)/$",
        notice_act,
        name="notices-act",
    ),
]
