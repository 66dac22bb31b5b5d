"""Documents are taken apart in a process of their own, which broken and evil ones cannot leave."""

from __future__ import annotations

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
