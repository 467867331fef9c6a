"""The one way out, against a real server of this machine that behaves as badly as servers do."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv6Address
from typing import Any

import pytest

from partners.ground import outside
from partners.ground.outside import Fetched, Reach, Unreachable, fetch, is_public

BODY = b"<rss version='2.0'/>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
Manner = Callable[[socket.socket, bytes], None]
SECONDS = 0.6


@contextmanager
def server(manner: Manner) -> Iterator[int]:
    """Answers every connection in this manner, each in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(line: socket.socket) -> None:
        with line, suppress(OSError):
            manner(line, line.recv(8192))

    def listen() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=[listener.accept()[0]], daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def read(manner: Manner, *, most: int = 100_000, path: str = "/feed", **known: Any) -> Fetched:
    with server(manner) as port:
        reach = Reach(SECONDS, most, frozenset({port}), public_only=False)
        return fetch(f"http://127.0.0.1:{port}{path}", reach=reach, **known)


def says(*pieces: bytes, pause: float = 0) -> Manner:
    def manner(line: socket.socket, _request: bytes) -> None:
        for piece in pieces:
            line.sendall(piece)
            time.sleep(pause)

    return manner


def packed(encoding: bytes, body: bytes) -> Manner:
    return says(HEAD + b"Content-Encoding: " + encoding + b"\r\n\r\n" + body)


def bare(body: bytes) -> bytes:
    """Deflate without its head, as some servers send it."""
    made = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return made.compress(body) + made.flush()


def dripping(start: bytes, drop: bytes) -> Manner:
    return says(start, *[drop] * 200, pause=0.05)


def chunked(*chunks: bytes) -> Manner:
    return says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *chunks)


GOOD: dict[str, Manner] = {
    "to the end of the line": says(HEAD + b"\r\n" + BODY),
    "with its length": says(HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY),
    "in chunks": chunked(b"3\r\n" + BODY[:3] + b"\r\n", b"11\r\n" + BODY[3:] + b"\r\n0\r\n\r\n"),
    "gzip": packed(b"gzip", gzip.compress(BODY)),
    "deflate": packed(b"deflate", zlib.compress(BODY)),
    "bare deflate": packed(b"deflate", bare(BODY)),
    "a charset that is none": says(HEAD.replace(b"xml", b"xml; charset=\xff\xfe") + b"\r\n" + BODY),
    "slow, but in time": says(HEAD, b"\r\n", BODY, pause=0.05),
}


@pytest.mark.parametrize("manner", GOOD.values(), ids=GOOD)
def test_what_is_sent_arrives_whole(manner: Manner) -> None:
    assert read(manner).body == BODY


ZEROS = b"\0" * 20_000_000
MISBEHAVING: dict[str, tuple[Manner, str]] = {
    "hangs": (lambda line, _r: time.sleep(5), outside.TOO_SLOW),
    "drips its head": (dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), outside.TOO_SLOW),
    "drips its status": (dripping(b"", b"H"), outside.TOO_SLOW),
    "drips its body": (dripping(HEAD + b"\r\n", b"x"), outside.TOO_SLOW),
    "drips its chunks": (dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
                         outside.TOO_SLOW),
    "hangs before its end": (says(HEAD + b"Content-Length: 9\r\n\r\nxx", b"", pause=5),
                             outside.TOO_SLOW),
    "closes at once": (says(), outside.NO_ANSWER),
    "closes early": (says(HEAD + b"Content-Length: 99\r\n\r\nxx"), outside.BROKE_OFF),
    "closes within a chunk": (chunked(b"ff\r\nxx"), outside.BROKE_OFF),
    "packs half": (packed(b"gzip", gzip.compress(BODY * 99)[:40]), outside.BROKE_OFF),
    "packs what is none": (packed(b"gzip", b"\x1f\x8bnot packed"), outside.BROKE_OFF),
    "packs as we did not ask": (packed(b"br", b"\x0b\x02\x80"), outside.BROKE_OFF),
    "packs twice": (packed(b"gzip, gzip", gzip.compress(gzip.compress(BODY))), outside.BROKE_OFF),
    "gzip bomb": (packed(b"gzip", gzip.compress(ZEROS)), outside.TOO_LARGE),
    "deflate bomb": (packed(b"deflate", zlib.compress(ZEROS)), outside.TOO_LARGE),
    "bare bomb": (packed(b"deflate", bare(ZEROS)), outside.TOO_LARGE),
    "sends no end": (says(HEAD + b"\r\n", *[b"x" * 65_536] * 40), outside.TOO_LARGE),
    "promises little, sends much": (says(HEAD + b"Content-Length: 200001\r\n\r\n" + b"x" * 200_001),
                                    outside.TOO_LARGE),
    "speaks another language": (says(b"220 mail.example ready\r\n"), outside.BROKE_OFF),
    "sends heads without end": (says(b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 200),
                                outside.BROKE_OFF),
    "not there": (says(b"HTTP/1.1 404 Not Found\r\n\r\n"), outside.SAID_NO),
    "nothing new, unasked": (says(b"HTTP/1.1 304 Not Modified\r\n\r\n"), outside.SAID_NO),
    "a part only": (says(b"HTTP/1.1 206 Partial Content\r\n\r\nxx"), outside.SAID_NO),
    "leads in a circle": (says(b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n"), outside.AROUND),
    "leads into a file": (says(b"HTTP/1.1 302 Found\r\nLocation: file:///etc/hosts\r\n\r\n"),
                          outside.BAD_ADDRESS),
    "leads to another port": (says(b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:22/\r\n\r\n"),
                              outside.BAD_ADDRESS),
    "leads to a name with a password": (
        says(b"HTTP/1.1 301 Moved\r\nLocation: http://a:b@127.0.0.1/\r\n\r\n"),
        outside.BAD_ADDRESS),
}  # fmt: skip


@pytest.mark.parametrize(("manner", "why"), MISBEHAVING.values(), ids=MISBEHAVING)
def test_a_server_that_misbehaves_costs_its_time_and_no_more(manner: Manner, why: str) -> None:
    began = time.monotonic()
    with pytest.raises(Unreachable) as refused:
        read(manner)
    assert refused.value.sentence == why
    # Loose, because another process may hold the machine: without the cut it would be 5 and more.
    assert time.monotonic() - began < SECONDS + 3


def test_what_is_known_is_not_sent_again() -> None:
    asked: list[bytes] = []

    def manner(line: socket.socket, request: bytes) -> None:
        asked.append(request)
        line.sendall(b'HTTP/1.1 304 Not Modified\r\nETag: "b"\r\n\r\n')

    found = read(manner, etag='"a"', modified="Sat, 21 Nov 2026 08:00:00 GMT")
    assert (found.body, found.etag) == (None, '"b"')
    assert b'If-None-Match: "a"' in asked[0]
    assert b"If-Modified-Since: Sat, 21 Nov 2026" in asked[0]


def test_it_says_the_name_and_sends_neither_cookie_nor_password() -> None:
    asked: list[bytes] = []

    def manner(line: socket.socket, request: bytes) -> None:
        asked.append(request)
        again = b"HTTP/1.1 302 Found\r\nSet-Cookie: a=b\r\nLocation: /here?a=\xc3\xb8\r\n\r\n"
        line.sendall(again if len(asked) == 1 else HEAD + b"\r\n" + BODY)

    assert read(manner).body == BODY
    assert b"\r\nHost: 127.0.0.1:" in asked[1]
    assert asked[1].startswith(b"GET /here?a=%C3%83%C2%B8 HTTP/1.1")
    assert b"ookie" not in asked[1]
    assert b"uthorization" not in asked[1]


def test_how_long_we_are_asked_to_wait_is_heard() -> None:
    with pytest.raises(Unreachable) as refused:
        read(says(b"HTTP/1.1 503 Busy\r\nRetry-After: 7200\r\n\r\n"))
    assert refused.value.after == 7200


def mapped(prefix: str, inside: str) -> str:
    return str(IPv6Address(int(IPv6Address(prefix)) | int.from_bytes(socket.inet_aton(inside))))


PRIVATE = """
127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1
240.0.0.1 255.255.255.255 192.0.2.1 198.18.0.1 ::1 :: fe80::1 fc00::1 fd00::1 fec0::1 ff02::1
2001:db8::1 64:ff9b:1::808:808 100::1 2002:7f00:1:: 2002:a00:1::
""".split()


@pytest.mark.parametrize("place", PRIVATE)
def test_a_place_inside_the_house_is_never_public(place: str) -> None:
    assert not is_public(place)
    if ":" not in place:
        for prefix in ("::ffff:0:0", "64:ff9b::", "::"):
            assert not is_public(mapped(prefix, place)), prefix
        inside = int.from_bytes(socket.inet_aton(place))
        assert not is_public(str(IPv6Address((0x2002 << 112) | (inside << 80))))


@pytest.mark.parametrize("place", ["8.8.8.8", "2a00:1450:400f::1", "::ffff:8.8.8.8",
                                   "64:ff9b::8.8.8.8", "2002:808:808::"])  # fmt: skip
def test_a_place_on_the_open_network_is_public(place: str) -> None:
    assert is_public(place)


@pytest.mark.parametrize("address", [
    "file:///etc/passwd", "ftp://feeds.example/a", "gopher://feeds.example/", "//feeds.example/a",
    "http://a@feeds.example/", "http://a:b@feeds.example/", "http://feeds.example:8080/",
    "https://feeds.example:22/", "http://[::1]/", "http:///a", "javascript:alert(1)", "",
    "http://feeds.example/a\r\nHost: other", "http://feeds.example\\@127.0.0.1/",
])  # fmt: skip
def test_an_address_of_another_kind_is_not_even_looked_up(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: pytest.fail("looked up"))
    with pytest.raises(Unreachable) as refused:
        fetch(address)
    assert refused.value.sentence == outside.BAD_ADDRESS


@pytest.mark.parametrize("address", ["http://127.0.0.1/", "http://localhost/", "http://0x7f.1/",
                                     "http://2130706433/", "http://127.1/"])  # fmt: skip
def test_our_own_machine_is_not_reached_however_it_is_written(address: str) -> None:
    with pytest.raises(Unreachable) as refused:
        fetch(address)
    assert refused.value.sentence in (outside.NOT_PUBLIC, outside.NO_NAME)


def test_a_name_is_looked_up_once_and_one_private_place_spoils_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[str] = []

    def answers(host: str, port: int, **_kind: Any) -> list[Any]:
        looked.append(host)
        places = ["8.8.8.8", "127.0.0.1"] if len(looked) == 1 else ["8.8.8.8"]
        return [(2, 1, 6, "", (place, port)) for place in places]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    monkeypatch.setattr(socket, "create_connection", lambda *a: pytest.fail("connected"))
    with pytest.raises(Unreachable) as refused:
        fetch("https://feeds.example/")
    assert (refused.value.sentence, looked) == (outside.NOT_PUBLIC, ["feeds.example"])


def test_the_connection_goes_to_the_place_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere the second time is not asked a second time."""
    went: list[Any] = []
    rows = [(2, 1, 6, "", ("8.8.4.4", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: rows)

    def refuse(place: Any, _patience: float) -> Any:
        went.append(place)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(Unreachable):
        fetch("https://feeds.example/")
    assert went == [("8.8.4.4", 443)]


def test_the_certificate_is_asked_for_in_the_name_that_was_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    greetings: list[bytes] = []
    with server(lambda _line, greeting: greetings.append(greeting)) as port:
        rows = [(2, 1, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: rows)
        with pytest.raises(Unreachable):
            fetch(f"https://feeds.example:{port}/",
                  reach=Reach(SECONDS, ports=frozenset({port}), public_only=False))  # fmt: skip
    assert b"feeds.example" in greetings[0]


def test_a_resolver_that_hangs_costs_no_more_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: time.sleep(1) or [])
    with pytest.raises(Unreachable) as refused:
        fetch("https://feeds.example/", reach=Reach(seconds=0.2))
    assert refused.value.sentence == outside.TOO_SLOW
