"""A small mail server on this machine: real SMTP over a real socket, answers as it is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer:
    """`recipient` and `data` are its answers to RCPT and to the letter; `letters`: what it took."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.recipient, self.data = "250 fine", "250 kept"
        self.port = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 post")
        while line := (await reader.readline()).decode().strip():
            verb = line.split(":")[0].upper()
            if verb.startswith(("EHLO", "HELO")):
                await say("250 post")
            elif verb.startswith("RCPT"):
                await say(self.recipient)
            elif verb == "DATA":
                await say("354 go on")
                raw = await reader.readuntil(b"\r\n.\r\n")
                if self.data.startswith("2"):
                    letter = message_from_bytes(raw[:-3], policy=policy.default)
                    self.letters.append(letter)  # type: ignore[arg-type]
                await say(self.data)
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 fine")
        writer.close()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Serve until the block is left, however soon: the order to stop cannot be lost on the way."""
    post, loop, ready = MailServer(), asyncio.new_event_loop(), threading.Event()
    over = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(post.talk, "127.0.0.1", 0, limit=2**24)
        post.port = server.sockets[0].getsockname()[1]
        ready.set()
        await over.wait()
        server.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(30), "the mail server has not started"
    try:
        yield post
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(30)
        assert not thread.is_alive(), "the mail server has not stopped"
        loop.close()
