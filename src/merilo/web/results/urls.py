from django.urls import path

from . import days, forward, inform, listing, papers, release, result

urlpatterns = [
    path("results/", listing.results, name="results"),
    path("results/form.xlsx", listing.collecting_form, name="results-form"),
    path("results/forward/", forward.forward, name="results-forward"),
    path("results/days/", days.days, name="results-days"),
    path("results/days/<int:day_id>/", days.day, name="results-day"),
    path("results/days/<int:day_id>/release/", release.release, name="results-release"),
    path("results/attempts/<int:attempt_id>/", days.one, name="consolidate"),
    path("results/protocols/<int:protocol_id>.pdf", papers.protocol_pdf, name="protocol-paper"),
    path("results/<int:result_id>/", result.result, name="result"),
    path("results/<int:result_id>/again/", result.again, name="result-again"),
    path("results/<int:result_id>/correct/", result.correct, name="result-correct"),
    path("results/<int:result_id>/inform/", inform.inform, name="result-inform"),
    path("results/<int:result_id>/notice.pdf", papers.notice_pdf, name="result-notice"),
    path("results/<int:result_id>/notice.docx", papers.notice_docx, name="result-notice-docx"),
    path("results/<int:result_id>/extract.pdf", papers.extract_pdf, name="result-extract"),
]
