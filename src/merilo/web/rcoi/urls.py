from django.urls import path

from . import column_map, reserve, specifications, variants

urlpatterns = [
    path("specifications/", specifications.specifications, name="specifications"),
    path("specifications/load/", specifications.load, name="specification-load"),
    path("specifications/confirm/", specifications.confirm, name="specification-confirm"),
    path("specifications/template.xlsx", specifications.template, name="specification-template"),
    path(
        "specifications/<slug:spec_id>.json",
        specifications.specification_json,
        name="specification-json",
    ),
    path(
        "specifications/<int:specification_id>/withdraw/",
        specifications.withdraw,
        name="specification-withdraw",
    ),
    path("variants/", variants.variants, name="variants"),
    path("variants/<int:variant_id>/end/", variants.end, name="variants-end"),
    path("reserve/", reserve.reserve, name="reserve"),
    path("column-map/", column_map.column_map, name="column-map"),
]
