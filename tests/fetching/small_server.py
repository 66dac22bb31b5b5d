"""A server of our own for the tests of visiting: nothing leaves the machine."""

from __future__ import annotations

import datetime as dt
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from merilo.foundation import clock
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


def asking(question: str, then: Answer, *, takes: str = "Basic") -> Answer:
    """Who are you? Who answers in the way that is taken here gets what is behind."""

    def answer(one: BaseHTTPRequestHandler) -> None:
        if (one.headers.get("Authorization") or "").startswith(takes):
            then(one)
            return
        one.send_response(401)
        if question:
            one.send_header("WWW-Authenticate", question.encode().decode("latin-1"))
        one.send_header("Content-Length", "0")
        one.end_headers()

    return answer


NAMES = ("school.example", "thief.example")


def secured(server: Server, folder: Path) -> str:
    """Give the server a certificate of its own making; the file of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "school.example")])
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in NAMES]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    both = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + made.public_bytes(serialization.Encoding.PEM)
    path = folder / "both.pem"
    path.write_bytes(both)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
    trusted = folder / "trusted.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return str(trusted)
