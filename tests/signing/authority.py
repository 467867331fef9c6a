"""A time-stamp authority of this machine (RFC 3161): openssl behind a port, with its own root.

The path decides how it behaves: "/good" answers as it should, every other as badly as some do.
"""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import tsp

from partners.ground import clock
from partners.signing.keys import Keys, make

CONFIG = """[t]
serial = {0}/serial
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
signer_digest = sha256
"""
REPLY = "openssl ts -reply -config tsa.cnf -section t -signer clock.crt -inkey clock.key"


@dataclass
class Authority:
    """Its keys, where it answers, and what it was asked under which path."""

    keys: Keys
    port: int = 0
    asked: list[str] = field(default_factory=list)
    status: bytes = b""

    def at(self, manner: str) -> str:
        return f"http://127.0.0.1:{self.port}/{manner.replace(' ', '-')}"

    def stamp(self, query: bytes) -> bytes:
        """What openssl answers to a query."""
        folder = self.keys.folder
        (folder / "query").write_bytes(query)
        command = [*REPLY.split(), "-chain", "root.crt", "-queryfile", "query", "-out", "reply"]
        subprocess.run(command, cwd=folder, capture_output=True, check=True)
        return (folder / "reply").read_bytes()


def founded(folder: Path) -> Keys:
    """An authority's root and clock."""
    keys = Keys(folder)
    make(keys, "Stamp House", at=clock.now())
    (folder / "tsa.cnf").write_text(CONFIG.format(folder))
    (folder / "serial").write_text("01\n")
    return keys


def with_other(query: bytes, part: str) -> bytes:
    """The query with another number, or about another digest."""
    asked = tsp.TimeStampReq.load(query)
    if part == "nonce":
        asked["nonce"] = asked["nonce"].native ^ 1
    else:
        asked["message_imprint"]["hashed_message"] = bytes(32)
    return asked.dump(force=True)


def flipped(reply: bytes) -> bytes:
    return reply[:-9] + bytes([reply[-9] ^ 1]) + reply[-8:]


Say = Callable[[Authority, bytes], bytes]
NOT_WHOLE, LOST = "not whole", "Nobody answered"
# How it answers, and why that is none.
WRONG: dict[str, tuple[Say, str]] = {
    "another number": (lambda a, q: a.stamp(with_other(q, "nonce")), "int"),  # pyHanko stumbles
    "another digest": (lambda a, q: a.stamp(with_other(q, "digest")), NOT_WHOLE),
    "a changed sign": (lambda a, q: flipped(a.stamp(q)), NOT_WHOLE),
    "says no": (lambda _a, _q: bytes.fromhex("30053003020102"), "time_stamp_token"),
    "half": (lambda a, q: a.stamp(q)[:-40], "Insufficient data"),
    "more behind it": (lambda a, q: a.stamp(q) + b"x", "trailing data"),
    "garbage": (lambda _a, _q: b"<html>It works!</html>", "Insufficient data"),
    "nothing": (lambda _a, _q: b"", "Insufficient data"),
    "huge": (lambda _a, _q: b"0" * 50_000_000, "larger than is read"),
    "nested": (lambda _a, _q: b"\x30\x80" * 30_000, "recursion"),
}
BADLY = {
    "away": "one address to the next", "elsewhere": "one address to the next",
    "drips": "too long", "broken": "nothing for us", "hangs up": LOST,
    "half a head": "broke off",
}  # fmt: skip
WHY = {manner: why for manner, (_say, why) in WRONG.items()} | BADLY


def _answers(authority: Authority) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            manner = self.path.strip("/").replace("-", " ")
            authority.asked.append(manner)
            query = self.rfile.read(int(self.headers["Content-Length"] or 0))
            with suppress(OSError):
                match manner:
                    case "away" | "elsewhere":  # both lead to a good one
                        self.send_response(302 if manner == "away" else 307)
                        self.send_header("Location", authority.at("good"))
                        self.end_headers()
                    case "drips":
                        self._said(b"", 5000)
                        for _ in range(200):
                            self.wfile.write(b"0")
                            # An authority that drips is the manner tried here; the reader is to
                            # give up on it, and then writing fails and this ends.
                            time.sleep(0.05)
                    case "broken":
                        self.send_error(500)
                    case "half a head":
                        self.wfile.write(b"HTTP/1.1 2")
                    case "hangs up":
                        pass
                    case "status":
                        self._said(authority.status)
                    case "list":
                        self._said((authority.keys.folder / "revoked.crl").read_bytes())
                    case _:
                        say = WRONG[manner][0] if manner in WRONG else Authority.stamp
                        self._said(say(authority, query))

        do_GET = do_POST

        def _said(self, body: bytes, long: int = 0) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(long or len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Silent."""

    return Handler


@contextmanager
def answering(keys: Keys) -> Iterator[Authority]:
    """The authority behind a port of this machine."""
    authority = Authority(keys)
    with ThreadingHTTPServer(("127.0.0.1", 0), _answers(authority)) as server:
        server.daemon_threads = True
        authority.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield authority
        server.shutdown()
