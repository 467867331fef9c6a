"""The one way out of the house: fetches an address that somebody typed, and nothing but that.

Addresses come from people whom we do not know, so a name is looked up once, every place that it
leads to must be public, and the connection goes to that very place. Standard library only, because
the pin and the time limit need the socket itself; a proxy of the environment is not used.
"""

import re
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from partners.ground.refusals import Refusal
from partners.ground.text import read_url
from partners.ground.words import N_

BAD_ADDRESS = N_("This address cannot be read from here.")
NO_NAME = N_("No such address was found.")
NOT_PUBLIC = N_("This address does not lie on the open network.")
AROUND = N_("It sends us from one address to the next.")
TOO_LARGE = N_("It is larger than is read.")
TOO_SLOW = N_("It took too long to answer.")
BROKE_OFF = N_("The answer broke off or could not be read.")
NO_ANSWER = N_("Nobody answered there, or the line was lost.")
SAID_NO = N_("It answered that it has nothing for us.")
MOST_HOPS, PIECE = 3, 64 * 1024
# 6to4 and Teredo are known to `ipaddress`; these carry an IPv4 address in their last 32 bits.
CARRIERS = (ip_network("64:ff9b::/96"), ip_network("::/96"))
IN_USE = ip_network("2000::/3")  # all of IPv6 that is given out to the open network
Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Reach:
    """How far a fetch may go. Other ports and our own machine are for tests, and for an address
    that whoever runs the house has set.
    """

    seconds: float = 5.0
    most: int = 2 * 1024 * 1024  # after decompression
    ports: Container[int] = frozenset({80, 443})
    public_only: bool = True


@dataclass(frozen=True)
class Fetched:
    """What came. `body` None: nothing new since `etag` and `modified`, which to send next time."""

    body: bytes | None
    media_type: str
    etag: str
    modified: str


class Unreachable(Exception):
    """It could not be fetched. `sentence` is the gettext id; `after`: seconds it asked us to
    wait.
    """

    def __init__(self, sentence: str, after: int = 0) -> None:
        super().__init__(sentence)
        self.sentence, self.after = sentence, after


def fetch(
    address: str, *, etag: str = "", modified: str = "", question: bytes = b"", kind: str = "",
    reach: Reach | None = None,
) -> Fetched:  # fmt: skip
    """Fetch `address` whole, or raise Unreachable; never longer than `reach.seconds`.

    A `question` of this `kind` is posted, and goes to no other address than this.
    """
    reach = reach or Reach()
    known = {"If-None-Match": etag, "If-Modified-Since": modified, "Content-Type": kind}
    headers = {name: value for name, value in known.items() if value}
    until = monotonic() + reach.seconds
    try:
        for _hop in range(1 if question else MOST_HOPS + 1):
            found = _asked(_checked(address, reach), headers, question, reach, until)
            if isinstance(found, Fetched):
                return found
            if urlsplit(address).scheme == "https" and not found.startswith("https:"):
                raise Unreachable(BAD_ADDRESS)
            address = found
    except (OSError, HTTPException, ValueError, zlib.error) as error:
        raise Unreachable(TOO_SLOW if monotonic() >= until else _why(error)) from error
    raise Unreachable(AROUND)


def _why(error: Exception) -> str:
    return NO_ANSWER if isinstance(error, OSError) else BROKE_OFF


def _checked(address: str, reach: Reach) -> SplitResult:
    try:
        url = urlsplit(read_url(address))
    except Refusal as refusal:
        raise Unreachable(BAD_ADDRESS) from refusal
    if _port(url) not in reach.ports:
        raise Unreachable(BAD_ADDRESS)
    return url


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _asked(
    url: SplitResult, headers: Mapping[str, str], question: bytes, reach: Reach, until: float
) -> Fetched | str:
    """One hop: what was fetched, or the address that it leads to."""
    host = (url.hostname or "").encode("idna").decode()
    places = _places(host, _port(url), reach, until)
    with _connected(url.scheme, host, places, until) as sock, closing(HTTPConnection(host)) as line:
        line.sock = sock
        target = quote(url.path or "/", safe="/%:=&~+!$,;'@()*") + (
            f"?{quote(url.query, safe='/%:=&~+!$,;@()*?[]')}" if url.query else ""
        )
        port = f":{url.port}" if url.port else ""
        ours = {"Host": host + port, "User-Agent": "Partners", "Accept-Encoding": "gzip, deflate"}
        verb = "POST" if question else "GET"
        whole = {**ours, "Connection": "close", **headers}
        line.request(verb, target, question or None, headers=whole)
        with line.getresponse() as answer:
            return _answer(answer, url.geturl(), bool(headers) and not question, reach, until)


def _places(host: str, port: int, reach: Reach, until: float) -> list[tuple[str, int]]:
    """Where the name leads, looked up once. One place that is not public spoils all of them."""
    found: list[str] = []

    def look_up() -> None:
        with suppress(OSError, UnicodeError):
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(row[4][0]) for row in rows))

    looking = threading.Thread(target=look_up, daemon=True)  # a resolver knows no time limit
    looking.start()
    looking.join(max(0.0, until - monotonic()))
    if not found:
        raise Unreachable(TOO_SLOW if looking.is_alive() else NO_NAME)
    if reach.public_only and not all(is_public(place) for place in found):
        raise Unreachable(NOT_PUBLIC)
    return [(place, port) for place in found]


def is_public(place: str) -> bool:
    """Whether an IP address, and the one that it may carry inside, lies on the open network."""
    inner = _unwrapped(ip_address(place))
    if isinstance(inner, IPv6Address) and inner not in IN_USE:
        return False
    return inner.is_global and not inner.is_multicast


def _unwrapped(place: Address) -> Address:
    if isinstance(place, IPv4Address):
        return place
    if any(place in carrier for carrier in CARRIERS):
        return IPv4Address(int(place) & 0xFFFFFFFF)
    teredo = place.teredo[1] if place.teredo else None
    return place.ipv4_mapped or place.sixtofour or teredo or place


@contextmanager
def _connected(
    scheme: str, host: str, places: Sequence[tuple[str, int]], until: float
) -> Iterator[socket.socket]:
    """A connection to one of these very places. It is cut at `until`, whatever is waited for."""
    sock = _opened(places, until)
    handle = sock.dup()  # wrapping in TLS takes the first one away
    cut = threading.Timer(max(0.0, until - monotonic()), _cut, [handle])
    cut.daemon = True
    cut.start()
    try:
        if scheme == "https":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
        yield sock
    finally:
        cut.cancel()
        _cut(handle)
        sock.close()
        handle.close()


def _opened(places: Sequence[tuple[str, int]], until: float) -> socket.socket:
    for place in places[:3]:
        with suppress(OSError):
            return socket.create_connection(place, max(0.01, until - monotonic()))
    raise Unreachable(TOO_SLOW if monotonic() >= until else NO_ANSWER)


def _cut(handle: socket.socket) -> None:
    with suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)


def _answer(
    answer: HTTPResponse, address: str, conditional: bool, reach: Reach, until: float
) -> Fetched | str:
    """What the answer holds. Everything in it may be a lie."""
    marks = {name: (answer.headers[name] or "")[:500] for name in ("ETag", "Last-Modified")}
    kind, location = str(answer.headers["Content-Type"] or ""), answer.headers["Location"]
    if answer.status in (301, 302, 303, 307, 308) and location:
        return urljoin(address, str(location))
    if answer.status == 304 and conditional:
        return Fetched(None, kind, marks["ETag"], marks["Last-Modified"])
    if answer.status != 200:
        wait = re.fullmatch("[0-9]{1,7}", str(answer.headers["Retry-After"] or ""))
        raise Unreachable(SAID_NO, int(wait[0]) if wait else 0)
    body = b"".join(_body(answer, reach))
    if monotonic() >= until:  # the cut looks like an end to an answer of unknown length
        raise Unreachable(TOO_SLOW)
    return Fetched(body, kind, marks["ETag"], marks["Last-Modified"])


def _body(answer: HTTPResponse, reach: Reach) -> Iterator[bytes]:
    """The body in pieces, unpacked no further than the limit."""
    promised, came, out = answer.length, 0, 0
    unpack = _unpacker(str(answer.headers["Content-Encoding"] or "identity").strip().lower())
    while piece := answer.read1(PIECE):
        came += len(piece)
        made = unpack(piece, reach.most + 1 - out)
        out += len(made)
        if max(came, out) > reach.most:
            raise Unreachable(TOO_LARGE)
        yield made
    if (promised is not None and came < promised) or not getattr(unpack, "whole", True):
        raise ValueError(BROKE_OFF)


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
        raise Unreachable(BROKE_OFF)
    return (lambda piece, _most: piece) if encoding == "identity" else Unpack()


class Unpack:
    """gzip, or deflate with a head or without. What follows its end is dropped."""

    def __init__(self) -> None:
        self.open = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self.begun = False

    def __call__(self, piece: bytes, most: int) -> bytes:
        try:
            made = b"" if self.open.eof else self.open.decompress(piece, most)
        except zlib.error:
            if self.begun:
                raise
            self.open = zlib.decompressobj(-zlib.MAX_WBITS)
            made = self.open.decompress(piece, most)
        self.begun = True
        return made

    @property
    def whole(self) -> bool:
        """Whether its end has come."""
        return self.open.eof
