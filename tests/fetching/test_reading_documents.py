"""Documents are taken apart in a process of their own, which broken and evil ones cannot leave."""

from __future__ import annotations

import datetime as dt

import papers
import pytest

from merilo.foundation.fetching import CannotRead, Kind, Room, read


def why(body: bytes, kind: Kind, room: Room | None = None) -> str:
    with pytest.raises(CannotRead) as refused:
        read(body, kind, room=room)
    return refused.value.why


def test_a_pdf_gives_its_pages_its_text_and_pictures_of_the_pages_asked():
    found = read(papers.pdf("Цели", "Показатели", "Меры"), Kind.PDF, draw=[2, 3, 9])
    assert (found.title, found.page_count, found.pages_are_exact) == ("Приказ", 3, True)
    assert [page.text for page in found.pages] == ["Цели", "Показатели", "Меры"]
    assert [picture.number for picture in found.pictures] == [2, 3]
    for picture in found.pictures:
        assert picture.content[8:12] == b"WEBP" and picture.height <= 2 * Room().width


def test_no_more_pages_are_drawn_than_there_is_room_for():
    found = read(papers.pdf(*"абв"), Kind.PDF, draw=[1, 2, 3], room=Room(drawn=2))
    assert [picture.number for picture in found.pictures] == [1, 2]


def test_a_word_document_gives_text_by_pages_as_its_editor_noted_them():
    found = read(papers.word("Цели и задачи", "Показатели"), Kind.DOCX)
    assert (found.title, found.page_count, found.pages_are_exact) == (
        "Программа мониторинга", 2, False,
    )  # fmt: skip
    assert [page.text for page in found.pages] == ["Цели и задачи", "Показатели"]
    assert (found.lines, found.figures) == (4, 0)


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(body: str, styles: str = "", pages: int | None = None) -> bytes:
    """A Word document as its XML says."""
    parts = {"word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>"}
    if styles:
        parts["word/styles.xml"] = f"<w:styles {W}>{styles}</w:styles>"
    if pages is not None:
        parts["docProps/app.xml"] = f"<Properties><Pages>{pages}</Pages></Properties>"
    return papers.packed(**parts)


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


@pytest.mark.parametrize(
    ("properties", "pages"),
    [
        ("<w:pageBreakBefore/>", ["а", "б", "в"]),
        ('<w:pageBreakBefore w:val="0"/>', ["а\nб\nв"]),
        ('<w:pStyle w:val="Chapter"/>', ["а", "б", "в"]),
        ('<w:pStyle w:val="Body"/>', ["а\nб\nв"]),
        ("<w:sectPr/>", ["а\nб", "в"]),
        ('<w:sectPr><w:type w:val="continuous"/></w:sectPr>', ["а\nб\nв"]),
    ],
)
def test_every_way_to_end_a_page_of_a_word_document_is_seen(properties: str, pages: list[str]):
    styles = (
        '<w:style w:styleId="Chapter"><w:pPr><w:pageBreakBefore/></w:pPr></w:style>'
        '<w:style w:styleId="Body"/>'
    )
    again = properties if "sectPr" not in properties else ""
    body = paragraph("а") + paragraph("б", properties) + paragraph("в", again)
    found = read(word(body, styles), Kind.DOCX)
    assert [page.text for page in found.pages] == pages and found.page_count == len(pages)


def test_the_count_that_word_recorded_stands_if_it_is_larger_and_drawings_are_counted():
    scan = "<w:p><w:r><w:drawing/></w:r></w:p>"
    found = read(word(paragraph("а" * 100) + scan, pages=7), Kind.DOCX)
    assert (found.page_count, found.lines, found.figures) == (7, 5, 1)
    assert read(word(paragraph("а"), pages=-1), Kind.DOCX).page_count == 1


# --- OpenDocument and tables ----------------------------------------------------------------------


def test_an_opendocument_text_gives_its_text_by_pages():
    body = (
        "<text:tracked-changes><text:p>зачёркнуто</text:p></text:tracked-changes>"
        "<text:p>Цели<text:s/>и<text:tab/>задачи<office:annotation><text:p>заметка</text:p>"
        '</office:annotation></text:p><text:p text:style-name="new">Показатели'
        "<text:soft-page-break/>и меры<text:line-break/>дальше</text:p>"
    )
    found = read(papers.odt(body, pages=9), Kind.ODT)
    assert (found.title, found.page_count, found.pages_are_exact) == ("Положение", 9, False)
    assert [page.text for page in found.pages] == [
        "Цели и задачи", "Показатели", "и меры\nдальше",
    ]  # fmt: skip
    assert read(papers.odt(body), Kind.ODT).page_count == 3


def test_an_opendocument_text_under_a_password_is_told():
    sealed = papers.odt("", **{"META-INF/manifest.xml": "<m><encryption-data/></m>"})
    assert why(sealed, Kind.ODT) == CannotRead.LOCKED
    assert why(papers.packed(**{"content.xml": "<a/>"}), Kind.ODT) == CannotRead.BROKEN


def test_sheets_are_rows_of_text_by_their_names_and_hidden_ones_are_left_out():
    rows = [["Показатель", "Доля"], ["Охват\tвсего", 0.5], ["Школ", 12.0], ["", True]]
    found = read(papers.sheets(Показатели=rows, Меры=[["А"]], _тайна=[["Б"]]), Kind.XLSX)
    assert [(page.number, page.title) for page in found.pages] == [(1, "Показатели"), (2, "Меры")]
    assert found.pages[0].text == "Показатель\tДоля\nОхват всего\t0,5\nШкол\t12\n\tTrue"
    assert found.page_count is None and not found.is_shortened


def test_dates_of_a_sheet_are_read_as_people_write_them():
    day, hour = dt.datetime(2026, 3, 1), dt.datetime(2026, 3, 1, 9, 30)
    found = read(papers.sheets(А=[[day, hour]]), Kind.XLSX)
    assert found.text == "01.03.2026\t01.03.2026 09:30"


def test_tables_of_opendocument_and_of_old_excel_are_read_the_same_way():
    table = read(papers.ods([["Показатель", "Доля"], ["Охват", "5"]]), Kind.ODS)
    assert [(page.title, page.text) for page in table.pages] == [
        ("Показатели", "Показатель\tДоля\nОхват\t5")
    ]
    old = read(papers.old_table("Показатель", "Доля"), Kind.XLS)
    assert [(page.title, page.text) for page in old.pages] == [("Old", "Показатель\tДоля")]


def test_a_sheet_without_end_is_shortened_and_says_so():
    long, wide = papers.sheets(А=[[n] for n in range(9)]), papers.sheets(А=[list(range(9))])
    assert read(long, Kind.XLSX).text.endswith("8") and read(wide, Kind.XLSX).text.endswith("8")
    for table in (long, wide):
        found = read(table, Kind.XLSX, room=Room(rows=4, columns=4))
        assert found.is_shortened and found.text.endswith("3")


def test_a_cell_at_the_end_of_the_world_harms_only_the_reader():
    far = papers.sheet_with_a_cell_at("XFD1048576")
    assert why(far, Kind.XLSX, Room(memory=400 * 2**20)) == CannotRead.HEAVY


def test_a_table_that_unpacks_into_a_mountain_is_too_heavy():
    assert why(papers.bomb(64 * 2**20), Kind.XLSX, Room(unpacked=2**20)) == CannotRead.HEAVY
    true, told = (64 * 2**20).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    hidden = papers.bomb(64 * 2**20).replace(true, told)
    assert why(hidden, Kind.XLSX, Room(unpacked=2**20)) in (CannotRead.BROKEN, CannotRead.HEAVY)


def test_a_page_of_a_site_gives_its_words_and_where_it_leads():
    body = (
        "<script>alert(1)</script><p>Приказ</p><p>от 1 марта</p>"
        '<a href="/files/a.pdf">Скачать</a><a>никуда</a>'
    )
    found = read(papers.site(body), Kind.PAGE)
    assert found.page_count is None and not found.asks_password
    assert found.text.startswith("Приказ\nот 1 марта") and "alert" not in found.text
    assert [(link.href, link.words) for link in found.links] == [("/files/a.pdf", "Скачать")]


def test_a_page_that_asks_for_a_password_says_so():
    form = '<form><input name="login"><input type="PASSWORD"></form>'
    assert read(papers.site(form), Kind.PAGE).asks_password


def test_an_old_russian_page_is_read_in_its_own_letters():
    unnamed = papers.HTML.format(title="т", body="<p>Приказ</p>").encode("cp1251")
    assert "Приказ" in read(unnamed, Kind.PAGE).text
    named = '<html><meta charset="koi8-r"><p>Приказ</p></html>'.encode("koi8-r")
    assert "Приказ" in read(named, Kind.PAGE).text


def test_a_text_is_a_text():
    assert read("Приказ\x00\n\n\n\nпункт".encode(), Kind.TEXT).text == "Приказ\nпункт"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_scan_is_painted_anew_without_the_name_of_the_camera(kind: str):
    scan = papers.picture(3000, 4000, kind)
    found = read(scan, Kind.PICTURE)
    assert b"Camera of Ivan" in scan
    assert b"Camera of Ivan" not in found.pictures[0].content
    assert found.page_count == 1 and found.pictures[0].width <= Room().width


def test_what_cannot_be_taken_apart_is_kept_whole():
    assert read(b"\xd0\xcf", Kind.OFFICE).page_count is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7\nbroken", Kind.PDF),
        (papers.pdf("Цели")[:200], Kind.PDF),
        (b"PK\x03\x04 broken", Kind.DOCX),
        (papers.word("x")[:500], Kind.DOCX),
        (papers.sheets(А=[["а"]])[:600], Kind.XLSX),
        (papers.packed(**{"xl/workbook.xml": "no"}), Kind.XLSX),
        (papers.old_table("а")[:900], Kind.XLS),
        (papers.odt("")[:200], Kind.ODT),
        (papers.laughing(), Kind.ODT),
        (b"\x89PNG\r\n\x1a\n broken", Kind.PICTURE),
        (b"", Kind.PAGE),
    ],
)
def test_a_broken_document_is_told(body: bytes, kind: Kind):
    assert why(body, kind) == CannotRead.BROKEN


def test_a_locked_pdf_is_told():
    assert why(papers.locked_pdf(), Kind.PDF) == CannotRead.LOCKED


def test_a_word_document_that_unpacks_into_a_mountain_is_too_heavy():
    assert why(papers.bomb(300 * 2**20), Kind.DOCX) == CannotRead.HEAVY


def test_a_label_that_hides_the_mountain_does_not_help():
    """The size written in the package is made small; the unpacking stops by itself."""
    bomb = papers.bomb(64 * 2**20)
    true, told = (64 * 2**20).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert why(bomb.replace(true, told), Kind.DOCX, Room(unpacked=2**20)) in (
        CannotRead.BROKEN, CannotRead.HEAVY,
    )  # fmt: skip


def test_entities_do_not_grow():
    assert why(papers.laughing(), Kind.DOCX) == CannotRead.BROKEN


def test_a_picture_that_is_a_mountain_is_too_heavy():
    assert why(papers.picture(14_000, 14_000, "PNG", "1"), Kind.PICTURE) == CannotRead.HEAVY


def test_a_document_that_takes_too_much_memory_harms_only_its_reader():
    assert why(papers.bomb(150 * 2**20), Kind.DOCX, Room(memory=100 * 2**20)) == CannotRead.HEAVY


def test_what_is_too_long_is_shortened_and_says_so():
    found = read(papers.pdf("Цели", "Показатели"), Kind.PDF, room=Room(text=6))
    assert found.is_shortened and found.text.startswith("Цели")
    assert found.page_count == 2
