"""Reading back what was printed."""

import re
from io import BytesIO

from docx import Document
from pypdf import PdfReader


def pdf_text(data: bytes) -> str:
    """All the words of a PDF in reading order, spaces made plain."""
    pages = [page.extract_text() for page in PdfReader(BytesIO(data)).pages]
    return plain(" ".join(pages))


def pdf_pages(data: bytes) -> int:
    return len(PdfReader(BytesIO(data)).pages)


def pdf_last_page(data: bytes) -> str:
    return plain(PdfReader(BytesIO(data)).pages[-1].extract_text())


def docx_rows(data: bytes) -> list[list[str]]:
    """Every row of every table; a merged cell gives its words once."""
    rows = []
    for table in Document(BytesIO(data)).tables:
        for row in table.rows:
            seen, words = [], []
            for cell in row.cells:
                if cell._tc not in seen:
                    seen.append(cell._tc)
                    words.append(plain(cell.text))
            rows.append(words)
    return rows


def docx_text(data: bytes) -> str:
    document = Document(BytesIO(data))
    words = [paragraph.text for paragraph in document.paragraphs]
    words += [" ".join(row) for row in docx_rows(data)]
    return plain(" ".join(words))


def plain(words: str) -> str:
    return re.sub(r"\s+", " ", words.replace("\u00a0", " ")).strip()
