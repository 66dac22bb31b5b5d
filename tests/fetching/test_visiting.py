"""Visits bring a document back within limits, and never reach a private network."""

from __future__ import annotations

import gzip
import time
from ipaddress import ip_address

import papers
import pytest
from small_server import page, redirect, secured, serving, status

from merilo.foundation.fetching import Failure, Kind, Limits, NotVisited, Roads, is_public, visit

TABLE = papers.sheets(Лист=[["а"]])
ODF = "application/vnd.oasis.opendocument."


def why(address: str, *, limits: Limits | None = None, roads: Roads | None = None) -> Failure:
    with pytest.raises(NotVisited) as failed:
        visit(address, limits=limits, roads=roads)
    return failed.value.failure


def names(*numbers: str) -> Roads:
    """The judgement of a real region, with names of our own."""
    return Roads(numbers=lambda host, port: list(numbers))


# --- what is brought back ------------------------------------------------------------------------


def test_a_document_is_brought_back_with_its_kind_and_hash():
    paper = papers.pdf("Приказ")
    with serving({"/a.pdf": page(paper, "application/octet-stream")}) as server:
        found = visit(server.address("/a.pdf"), roads=server.roads())
    assert (found.status, found.kind, found.body) == (200, Kind.PDF, paper)
    assert len(found.sha256) == 64
    assert server.headers[0]["Host"] == f"school.example:{server.port}"


def test_a_cyrillic_name_and_path_reach_the_server_in_letters_of_the_network():
    with serving({"/%D0%B0%20%D0%B1": page(papers.site("Приказ"))}) as server:
        found = visit(server.address("/а б#стр", host="школа.рф"), roads=server.roads())
    assert found.kind is Kind.PAGE
    assert server.headers[0]["Host"] == f"xn--80atdl2c.xn--p1ai:{server.port}"


@pytest.mark.parametrize(
    ("content", "said", "kind"),
    [
        (papers.site("x"), "text/html", Kind.PAGE),
        (b"plain words", "text/plain", Kind.TEXT),
        (papers.word("x"), "application/zip", Kind.DOCX),
        (papers.picture(20, 20), "image/jpeg", Kind.PICTURE),
        (papers.picture(20, 20, "PNG"), "text/html", Kind.PICTURE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "application/msword", Kind.OFFICE),
        (b"{\\rtf1 x}", "text/plain", Kind.OFFICE),
        (b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.text", "", Kind.ODT),
        (papers.packed(mimetype=f"{ODF}graphics"), "", Kind.OFFICE),
        (papers.ods([["а"]]), "application/zip", Kind.ODS),
        (TABLE, "application/zip", Kind.XLSX),
        (papers.old_table("а"), "application/octet-stream", Kind.XLS),
        (b"PK\x03\x04" + b"\0" * 26 + b"ppt/x", "application/zip", Kind.OFFICE),
        (papers.packed(**{"word/document.xml": "", "a.xlsx": TABLE}), "", Kind.DOCX),
        (papers.packed(**{"xl/workbook.xml": "", "a.docx": papers.word("а")}), "", Kind.XLSX),
        (b"PK\x03\x04 no names", "application/x.spreadsheetml.sheet", Kind.XLSX),
        (b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", "application/zip", Kind.DOCX),
        (b"no tags at all", "text/html", Kind.PAGE),
    ],
)  # fmt: skip
def test_the_kind_is_told_by_the_content(content: bytes, said: str, kind: Kind):
    with serving({"/a": page(content, said)}) as server:
        assert visit(server.address("/a"), roads=server.roads()).kind is kind


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_the_last_address_is_told(code: int):
    with serving({"/old": redirect("/new", code), "/new": page(b"x", "text/plain")}) as server:
        found = visit(server.address("/old"), roads=server.roads())
    assert found.final.target == "/new" and found.redirects == 1


def test_a_redirect_in_plain_russian_letters_is_followed():
    raw = "/новый".encode().decode("latin-1")
    escaped = "/%D0%BD%D0%BE%D0%B2%D1%8B%D0%B9"
    with serving({"/old": redirect(raw), escaped: page(b"x", "text/plain")}) as server:
        assert visit(server.address("/old"), roads=server.roads()).status == 200


@pytest.mark.parametrize("coding", ["gzip", "GZIP"])
def test_a_packed_answer_is_unpacked(coding: str):
    packed = gzip.compress(papers.site("Приказ"))
    with serving({"/a": page(packed, Content_Encoding=coding)}) as server:
        assert "Приказ".encode() in visit(server.address("/a"), roads=server.roads()).body


# --- nobody's private network --------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost.example/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://①②⑦.⓪.⓪.①/",
    ],
)
def test_a_private_number_is_refused_however_it_is_written(address: str):
    assert why(address, roads=names("127.0.0.1")) is Failure.PRIVATE


@pytest.mark.parametrize(
    "address", ["http://2130706433/", "http://0177.0.0.1/", "http://0x7f.1/", "http://127.1/"]
)
def test_a_number_in_disguise_is_no_address(address: str):
    assert why(address, roads=names("127.0.0.1")) is Failure.BAD_ADDRESS


@pytest.mark.parametrize(
    "numbers",
    [["127.0.0.1"], ["::1"], ["169.254.169.254"], ["8.8.8.8", "10.0.0.1"], ["::ffff:10.0.0.1"]],
)
def test_a_name_that_leads_into_a_house_is_refused_even_beside_a_good_number(numbers: list[str]):
    assert why("http://good.example/", roads=names(*numbers)) is Failure.PRIVATE


def test_a_name_that_changes_its_answer_changes_nothing():
    """DNS rebinding: public when judged, private when connected. The name is asked once."""
    with serving({"/": page(b"the inside of the house", "text/plain")}) as server:
        asked = []

        def numbers(host: str, port: int) -> list[str]:
            asked.append(host)
            return ["192.0.2.7"] if len(asked) == 1 else ["127.0.0.1"]

        # The number of the first answer belongs to nobody: a visit there can only fail.
        roads = Roads(numbers=numbers, may_reach=lambda number, port: str(number) == "192.0.2.7")
        failure = why(server.address(), roads=roads, limits=Limits(connecting=0.2, seconds=1))
    assert failure in (Failure.NO_ANSWER, Failure.TOO_SLOW)
    assert asked == ["school.example"] and server.asked == []


def test_a_name_that_turns_private_at_the_redirect_is_refused_there():
    with serving({"/": redirect("/inside"), "/inside": page(b"secret", "text/plain")}) as server:
        judged = []

        def may_reach(number, port) -> bool:
            judged.append(str(number))
            return len(judged) == 1

        roads = Roads(numbers=lambda host, port: ["127.0.0.1"], may_reach=may_reach)
        assert why(server.address(), roads=roads) is Failure.PRIVATE
    assert server.asked == ["/"]


@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.1:5432/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/",
        "//10.0.0.1/",
    ],
)
def test_a_redirect_into_a_house_is_refused(place: str):
    with serving({"/": redirect(place)}) as server:
        roads = Roads(
            numbers=lambda host, port: ["127.0.0.1"],
            may_reach=lambda number, port: port == server.port or is_public(number),
        )
        assert why(server.address(), roads=roads) is Failure.PRIVATE


@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "ftp://a.example/", "http://2130706433/", "http://u:p@a.ru/"]
)
def test_a_redirect_to_no_address_is_refused(place: str):
    with serving({"/": redirect(place)}) as server:
        assert why(server.address(), roads=server.roads()) is Failure.BAD_ADDRESS


def test_a_port_of_another_service_is_refused():
    assert why("http://good.example:5432/", roads=names("8.8.8.8")) is Failure.PRIVATE


def test_the_judgement_of_a_real_region_lets_the_open_network_pass():
    for port in (80, 443, 8080, 8443):
        assert Roads().may_reach(ip_address("8.8.8.8"), port)
    assert not Roads().may_reach(ip_address("8.8.8.8"), 22)


def test_the_proxy_and_passwords_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    with serving({"/": page(b"x", "text/plain")}) as server:
        visit(server.address(), roads=server.roads())
    assert not {"Authorization", "Cookie", "Proxy-Authorization"} & set(server.headers[0])


# --- limits --------------------------------------------------------------------------------------

SMALL = Limits(size=10_000, seconds=5, redirects=2)


def test_a_declared_mountain_is_not_begun():
    answer = page(b"%PDF-1.7", "application/pdf", Content_Length="999999999")
    with serving({"/": answer}) as server:
        assert why(server.address(), limits=SMALL, roads=server.roads()) is Failure.TOO_BIG


def test_an_undeclared_mountain_is_left_at_the_limit():
    def endless(one) -> None:
        one.send_response(200)
        one.send_header("Content-Type", "text/plain")
        one.end_headers()
        while True:
            one.wfile.write(b"x" * 65536)

    with serving({"/": endless}) as server:
        assert why(server.address(), limits=SMALL, roads=server.roads()) is Failure.TOO_BIG


def test_a_parcel_that_unpacks_into_a_mountain_is_left_at_the_limit():
    packed = gzip.compress(b"x" * 50_000_000)
    with serving({"/": page(packed, "text/plain", Content_Encoding="gzip")}) as server:
        limits = Limits(size=1_000_000, seconds=5)
        assert why(server.address(), limits=limits, roads=server.roads()) is Failure.TOO_BIG


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_server_that_drips_is_left_when_the_time_is_over(part: str):
    def drip(one) -> None:
        if part == "body":
            one.send_response(200)
            one.end_headers()
        while not server.released.wait(0.05):
            one.wfile.write(b"x")
            one.wfile.flush()

    with serving({"/": drip}) as server:
        limits = Limits(seconds=0.4)
        began = time.monotonic()
        assert why(server.address(), limits=limits, roads=server.roads()) is Failure.TOO_SLOW
        assert time.monotonic() - began < 30


def test_redirects_in_a_ring_end():
    with serving({"/": redirect("/")}) as server:
        assert why(server.address(), limits=SMALL, roads=server.roads()) is Failure.ROUND
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"MZ\x90\x00", "application/octet-stream"),
        (b"PK\x03\x04 something else", "application/zip"),
        (b'{"a": 1}', "application/json"),
    ],
)
def test_films_programs_and_data_are_not_brought_back(content: bytes, said: str):
    with serving({"/": page(content, said)}) as server:
        assert why(server.address(), roads=server.roads()) is Failure.WRONG_KIND


def test_the_rest_of_a_film_is_not_read():
    def film(one) -> None:
        one.send_response(200)
        one.end_headers()
        one.wfile.write(b"\x00\x00\x00\x18ftypmp42" * 500)
        server.released.wait()  # a reader of the rest would wait with us

    with serving({"/": film}) as server:
        assert why(server.address(), limits=SMALL, roads=server.roads()) is Failure.WRONG_KIND


def test_an_unknown_packing_is_refused():
    with serving({"/": page(b"x", Content_Encoding="br")}) as server:
        assert why(server.address(), roads=server.roads()) is Failure.WRONG_KIND


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (status(401), Failure.CLOSED),
        (status(403), Failure.CLOSED),
        (status(404), Failure.GONE),
        (status(410), Failure.GONE),
        (status(500), Failure.SERVER),
        (status(204), Failure.SERVER),
        (status(302), Failure.SERVER),  # a redirect to nowhere
        (page(b"half", "text/plain", Content_Length="100"), Failure.NO_ANSWER),
        (page(gzip.compress(b"x" * 999)[:-9], Content_Encoding="gzip"), Failure.NO_ANSWER),
        (page(b"no gzip", Content_Encoding="gzip"), Failure.NO_ANSWER),
    ],
)
def test_a_failure_is_told_by_its_kind(answer, failure: Failure):
    with serving({"/": answer}) as server:
        assert why(server.address(), roads=server.roads()) is failure


def test_a_server_that_is_not_there_is_told():
    with serving({}) as server:
        pass
    assert why(server.address(), roads=server.roads()) is Failure.NO_ANSWER


def test_a_server_that_speaks_another_language_is_told():
    with serving({"/": lambda one: one.wfile.write(b"220 mail.example ESMTP\r\n")}) as server:
        assert why(server.address(), roads=server.roads()) is Failure.NO_ANSWER


def test_a_name_nobody_knows_is_told():
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    assert why("http://nobody.example/", roads=Roads(numbers=unknown)) is Failure.NO_NAME
    assert why("http://nobody.example/", roads=names()) is Failure.NO_NAME
    assert why("http://nobody.example/", roads=names("no number")) is Failure.NO_NAME


def test_a_failure_says_nothing_of_the_address():
    failed = NotVisited(Failure.CLOSED, 403)
    assert str(failed) == "closed (403)" and str(NotVisited(Failure.ROUND)) == "round"


# --- secured connections -------------------------------------------------------------------------


def test_a_certificate_nobody_vouches_for_is_refused_until_the_region_trusts_it(tmp_path):
    with serving({"/": page(b"x", "text/plain")}) as server:
        trusted = secured(server, tmp_path)
        address = server.address().replace("http:", "https:")
        assert why(address, roads=server.roads()) is Failure.INSECURE
        assert visit(address, roads=server.roads(trusted=trusted)).status == 200
        other = address.replace("school.example", "another.example")
        assert why(other, roads=server.roads(trusted=trusted)) is Failure.INSECURE
