"""A server of our own for the tests of visiting: nothing leaves the machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from merilo.foundation.fetching import Roads

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Answers by path; remembers what was asked."""

    def __init__(self, answers: dict[str, Answer]):
        self.answers = answers
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.released = threading.Event()  # lets slow answers end with the test
        this = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                this.asked.append(self.path)
                this.headers.append(dict(self.headers))
                answer = this.answers.get(self.path.partition("?")[0], status(404))
                with suppress(OSError):  # the visitor left in the middle
                    answer(self)

            def log_message(self, *said: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def roads(self, **known: object) -> Roads:
        """Every name leads to this server, and only this server may be reached."""
        return Roads(
            numbers=lambda host, port: ["127.0.0.1"],
            may_reach=lambda number, port: str(number) == "127.0.0.1" and port == self.port,
            **known,
        )

    def address(self, path: str = "/", host: str = "school.example") -> str:
        return f"http://{host}:{self.port}{path}"


@contextmanager
def serving(answers: dict[str, Answer]) -> Iterator[Server]:
    server = Server(answers)
    thread = threading.Thread(target=server.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.server.shutdown()
        server.server.server_close()


def page(content: bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> Answer:
    def answer(one: BaseHTTPRequestHandler) -> None:
        one.send_response(200)
        one.send_header("Content-Type", kind)
        for name, value in headers.items():
            one.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            one.send_header("Content-Length", str(len(content)))
        one.end_headers()
        one.wfile.write(content)

    return answer


def status(code: int) -> Answer:
    def answer(one: BaseHTTPRequestHandler) -> None:
        one.send_response(code)
        one.send_header("Content-Length", "0")
        one.end_headers()

    return answer


def redirect(place: str, code: int = 302) -> Answer:
    def answer(one: BaseHTTPRequestHandler) -> None:
        one.send_response(code)
        one.send_header("Location", place)
        one.send_header("Content-Length", "0")
        one.end_headers()

    return answer
