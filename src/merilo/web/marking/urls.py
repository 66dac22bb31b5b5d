from django.urls import path

from . import protocol, version, works

urlpatterns = [
    path("marking/", works.marking, name="marking"),
    path("marking/next/", works.next_work, name="marking-next"),
    path("marking/<int:attempt_id>/oral/", works.oral, name="marking-oral"),
    path("marking/<int:attempt_id>/written/", works.written, name="marking-written"),
    path("marking/protocols/<int:protocol_id>/", protocol.protocol, name="marking-protocol"),
    path("marking/protocols/<int:protocol_id>/save/", protocol.save, name="marking-save"),
    path("marking/protocols/<int:protocol_id>/skip/", protocol.skip, name="marking-skip"),
    path("marking/protocols/<int:protocol_id>/version/", version.version, name="marking-version"),
]
