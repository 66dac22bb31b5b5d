"""A password is told to the server it is for, when it asks, over a secured line; else to nobody."""

from __future__ import annotations

import hashlib
import logging
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import papers
import pytest
from small_server import Answer, Server, asking, page, redirect, secured, serving, status

from merilo.foundation.fetching import (
    Access,
    Failure,
    NotVisited,
    Roads,
    Use,
    Visited,
    read_address,
    visit,
)
from merilo.foundation.fetching.passwords import reply

LOGIN, PASSWORD = "мониторинг", 'тайна "2026"'
BASIC = 'Basic realm="Документы", charset="UTF-8"'
DIGEST = 'Digest realm="docs", nonce="n1", qop="auth,auth-int", opaque="o", algorithm={}'
PAPER = papers.pdf("Приказ")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Server, Roads]]:
    """A secured server that is asked by any name of the certificate."""
    with serving({}) as server:
        yield server, server.roads(trusted=secured(server, tmp_path))


def https(server: Server, path: str = "/a.pdf", host: str = "school.example") -> str:
    return server.address(path, host).replace("http:", "https:")


def access(home: str, **more: object) -> Access:
    return Access(read_address(home), LOGIN, PASSWORD, **more)


def told(server: Server) -> list[str | None]:
    """What was told at each question."""
    return [one.get("Authorization") for one in server.headers]


def failed(address: str, said: Access, roads: Roads) -> NotVisited:
    with pytest.raises(NotVisited) as wrong:
        visit(address, access=said, roads=roads)
    return wrong.value


def paper(server: Server, question: str = BASIC, takes: str = "Basic") -> None:
    server.answers["/a.pdf"] = asking(question, page(PAPER, "application/pdf"), takes=takes)


def test_a_page_that_asks_for_a_password_is_opened_with_it(home):
    server, roads = home
    paper(server)
    found = visit(https(server), access=access(https(server)), roads=roads)
    assert (found.body, found.access) == (PAPER, Use.TAKEN)
    first, second = told(server)
    assert first is None  # nothing is told before it is asked for
    assert b64decode(second.removeprefix("Basic ")).decode() == f"{LOGIN}:{PASSWORD}"


def test_a_page_that_does_not_ask_is_not_told(home):
    server, roads = home
    server.answers["/a.pdf"] = page(PAPER)
    found = visit(https(server), access=access(https(server)), roads=roads)
    assert found.access is Use.NOT_ASKED and told(server) == [None]


@pytest.mark.parametrize("name", ["MD5", "SHA-256"])
def test_a_digest_proves_the_password_without_telling_it(home, name: str):
    server, roads = home
    paper(server, DIGEST.format(name), takes="Digest")
    found = visit(https(server), access=access(https(server)), roads=roads)
    assert found.access is Use.TAKEN
    said = told(server)[1].encode("latin-1").decode()
    assert PASSWORD not in said and f'username="{LOGIN}"' in said and 'opaque="o"' in said
    words = dict(one.split("=", 1) for one in said.removeprefix("Digest ").split(", "))
    plain = {word: value.strip('"') for word, value in words.items()}

    def work(text: str) -> str:
        return hashlib.new(name.replace("-", "").lower(), text.encode()).hexdigest()

    who, what = work(f"{LOGIN}:docs:{PASSWORD}"), work("GET:/a.pdf")
    assert plain["response"] == work(f"{who}:n1:00000001:{plain['cnonce']}:auth:{what}")


@pytest.mark.parametrize(
    ("name", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_the_standard(monkeypatch, name: str, response: str):
    """RFC 7616, 3.9.1."""
    own = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    monkeypatch.setattr("secrets.token_hex", lambda size: own)
    asker = read_address("https://www.example.org/dir/index.html")
    question = (
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={name}, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"'
    )
    use, said = reply(Access(asker, "Mufasa", "Circle of Life"), asker, [BASIC, question])
    assert use is Use.TAKEN and said is not None
    assert f'response="{response}"' in said.decode()


@pytest.mark.parametrize(
    "question",
    ["Negotiate", "NTLM", 'Digest realm="a", nonce="b"', 'Digest realm="a", qop="auth"',
     'Digest nonce="b", qop="auth"', 'Digest realm="a", nonce="b", qop=auth, algorithm=X', "", "Digest x"],
)  # fmt: skip
def test_a_way_that_is_not_spoken_here_is_said_so(home, question: str):
    server, roads = home
    paper(server, question)
    wrong = failed(https(server), access(https(server)), roads)
    assert (wrong.failure, wrong.status, wrong.access) == (Failure.CLOSED, 401, Use.UNSPOKEN)
    assert told(server) == [None]


def test_a_colon_in_the_login_cannot_be_told_in_the_plain_way():
    asker = read_address("https://a.example/")
    assert reply(Access(asker, "a:b", "c"), asker, [BASIC]) == (Use.UNSPOKEN, None)


def test_a_wrong_password_is_told_once_and_said(home):
    server, roads = home
    server.answers["/a.pdf"] = asking(BASIC, status(200), takes="Never")
    wrong = failed(https(server), access(https(server)), roads)
    assert (wrong.failure, wrong.access) == (Failure.CLOSED, Use.REFUSED)
    assert len(server.asked) == 2


def test_without_a_password_a_closed_page_is_closed(home):
    server, roads = home
    paper(server)
    with pytest.raises(NotVisited) as wrong:
        visit(https(server), roads=roads)
    assert (wrong.value.failure, wrong.value.access) == (Failure.CLOSED, Use.NOT_ASKED)


# --- to nobody else -------------------------------------------------------------------------------


def test_a_redirect_to_another_server_is_not_told_the_password(home):
    """The thief asks as the home does, and gets nothing, before and after the home was told."""
    server, roads = home
    thief = https(server, "/steal", host="thief.example")
    ways: dict[str, Answer] = {
        "at once": redirect(thief),
        "after the password": asking(BASIC, redirect(thief), takes="Basic"),
    }
    for answer in ways.values():
        server.answers.update({"/a.pdf": answer, "/steal": asking(BASIC, status(200))})
        server.headers.clear()
        wrong = failed(https(server), access(https(server)), roads)
        assert (wrong.failure, wrong.access) == (Failure.CLOSED, Use.STRANGER)
        asked_of_thief = [one for one in server.headers if one["Host"].startswith("thief")]
        assert [one.get("Authorization") for one in asked_of_thief] == [None]


@pytest.mark.parametrize(
    ("home", "asker"),
    [
        ("https://a.example/", "https://b.a.example/"),
        ("https://a.example/", "https://a.example.thief.example/"),
        ("https://a.example/", "https://a.example:8443/"),
        ("https://a.example:8443/", "https://a.example/"),
        ("http://a.example:8080/", "https://a.example/"),
    ],
)
def test_a_neighbour_is_a_stranger(home: str, asker: str):
    assert reply(access(home), read_address(asker), [BASIC]) == (Use.STRANGER, None)


def test_the_home_that_moved_to_a_secured_line_is_still_the_home():
    use, said = reply(access("http://A.example/"), read_address("https://a.example/x"), [BASIC])
    assert use is Use.TAKEN and said


def test_nothing_is_told_over_an_open_line_unless_the_region_insists():
    with serving({}) as server:
        paper(server)
        address = server.address("/a.pdf")
        wrong = failed(address, access(address), server.roads())
        assert wrong.access is Use.UNSECURED and told(server) == [None]
        insisting = access(address, over_open_line=True)
        assert visit(address, access=insisting, roads=server.roads()).access is Use.TAKEN


def test_a_redirect_from_the_secured_line_to_the_open_one_is_not_told():
    asker = read_address("http://a.example:443/")
    assert reply(access("https://a.example/"), asker, [BASIC]) == (Use.UNSECURED, None)


def test_a_redirect_into_a_house_is_refused_with_a_password_too(home):
    server, roads = home
    inside = "http://127.0.0.1:9/"
    server.answers["/a.pdf"] = asking(BASIC, redirect(inside), takes="Basic")
    wrong = failed(https(server), access(https(server)), roads)
    assert (wrong.failure, wrong.access) == (Failure.PRIVATE, Use.TAKEN)


def test_a_line_end_in_the_login_forges_no_header():
    asker = read_address("https://a.example/")
    forged = Access(asker, "a\r\nX-Evil: 1", "b")
    assert reply(forged, asker, [DIGEST.format("MD5")]) == (Use.UNSPOKEN, None)
    forged = Access(asker, "a\r\nX-Evil 1", "b")
    use, said = reply(forged, asker, [BASIC])
    assert use is Use.TAKEN and said is not None and b"\n" not in said


def test_the_text_of_a_visit_and_its_logs_hold_no_password(home, caplog):
    server, roads = home
    said = access(https(server))
    with caplog.at_level(logging.DEBUG):
        paper(server)
        found: Visited = visit(https(server), access=said, roads=roads)
        server.answers["/a.pdf"] = asking(BASIC, status(200), takes="Never")
        wrong = failed(https(server), said, roads)
    for text in (repr(said), repr(found), repr(wrong), str(wrong), caplog.text):
        assert PASSWORD not in text and LOGIN not in text
