"""The editable notice: the same rows as the PDF, in a Word template a region may restyle."""

from io import BytesIO

from docxtpl import DocxTemplate

from .forms import ResultNotice
from .notice import notice_view
from .typesetting import TEMPLATES


def result_notice_docx(form: ResultNotice) -> bytes:
    """«Уведомление о результатах тестирования» as DOCX; the rules of the PDF apply.

    Raises `Contradiction` where the values do not tell one story.
    """
    view = notice_view(form)
    template = DocxTemplate(TEMPLATES / "result_notice.docx")
    # autoescape: a name with «&» or «<» is text, not markup.
    template.render({**view, "rows": _flat(view)}, autoescape=True)
    properties = template.docx.core_properties
    properties.title = str(view["title"])
    properties.author = str(view["author"])
    out = BytesIO()
    template.save(out)
    return out.getvalue()


def _flat(view: dict[str, object]) -> list[dict[str, str]]:
    """Word merges cells downwards row by row: each row says whether it starts a merge."""
    rows: list[dict[str, str]] = []
    blocks: list[dict[str, object]] = view["blocks"]  # type: ignore[assignment]
    for block in blocks:
        inside: list[dict[str, object]] = block["rows"]  # type: ignore[assignment]
        for place, row in enumerate(inside):
            rows.append(
                {
                    "kind": str(row["kind"]),
                    "heading": str(block["heading"]) if place == 0 else "",
                    "heading_merge": "restart" if place == 0 else "continue",
                    "title": str(row["title"]),
                    "title_merge": "restart" if row.get("span", 1) else "continue",
                    "code": str(row.get("code", "")),
                    "value": str(row.get("value", "")),
                }
            )
    result: list[tuple[str, str]] = view["result"]  # type: ignore[assignment]
    for place, (label, value) in enumerate(result):
        rows.append(
            {
                "kind": "variant",
                "heading": "Результат тестирования" if place == 0 else "",
                "heading_merge": "restart" if place == 0 else "continue",
                "title": label,
                "title_merge": "restart",
                "code": "",
                "value": value,
            }
        )
    return rows
