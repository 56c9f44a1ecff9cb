"""Wrong answers: what a faulty server, or the way from it, makes of a right one."""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

__all__ = ["DAMAGES", "STALL_SECONDS", "Answer", "Wire"]

STALL_SECONDS = 100
"""How long a server says nothing, unless the client goes away before."""

_HTML = (
    b"<html><head><title>Welcome</title></head><body><p>Please log in.</p></body></html>"
)
_XML = b"<Error><Code>InternalError</Code><Message>as the test wants</Message></Error>"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server would send."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def head(self) -> bytes:
        """The status and the headers as they are sent."""
        lines = [f"HTTP/1.1 {self.status} As It Is"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def with_body(self, body: bytes, **headers: str) -> "Answer":
        """Return it with another body and its length, and other headers ("" for none)."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {n: v for n, v in self.headers.items() if n.lower() not in _lower(named)}
        kept = {n: v for n, v in kept.items() if n.lower() != "content-length"}
        more = {n: v for n, v in named.items() if v}
        return replace(
            self, headers={**kept, **more, "Content-Length": str(len(body))}, body=body
        )


@dataclass(frozen=True, slots=True)
class Wire:
    """Bytes that are sent, and what becomes of the connection."""

    data: bytes
    ending: Literal["close", "reset", "stall", "go on"] = "close"


def _lower(names: dict[str, str]) -> set[str]:
    return {name.lower() for name in names}


def _whole(answer: Answer) -> Wire:
    # Said, or the next request could meet the end of the connection.
    closing = replace(answer, headers={**answer.headers, "Connection": "close"})
    return Wire(closing.head + closing.body)


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _chunked(answer: Answer) -> Wire:
    plain = answer.with_body(b"", Transfer_Encoding="chunked")
    headers = {n: v for n, v in plain.headers.items() if n != "Content-Length"}
    chunk = _half(answer.body)
    head = replace(plain, headers=headers).head
    return Wire(head + b"%x\r\n%b\r\n" % (len(chunk), chunk))


def _unframed(answer: Answer) -> Wire:
    plain = answer.with_body(b"", Connection="close")
    headers = {n: v for n, v in plain.headers.items() if n != "Content-Length"}
    return Wire(replace(plain, headers=headers).head + _half(answer.body))


def _flipped(answer: Answer) -> Wire:
    body = bytearray(answer.body)
    body[len(body) // 2] ^= 4
    return _whole(replace(answer, body=bytes(body)))


def _two_lengths(answer: Answer) -> Wire:
    more = b"Content-Length: %d\r\n\r\n" % (len(answer.body) // 2)
    return Wire(answer.head[:-2] + more + answer.body)


def _page(status: int, body: bytes, kind: str) -> Callable[[Answer], Wire]:
    """Answer what is not from the server itself: nothing of its headers is left."""
    return lambda _: _whole(Answer(status, {"Content-Type": kind}, b"").with_body(body))


def _unasked(answer: Answer) -> Wire:
    half, size = _half(answer.body), len(answer.body)
    said = f"bytes 0-{len(half) - 1}/{size}"
    return _whole(replace(answer, status=206).with_body(half, Content_Range=said))


def _redirect(_: Answer) -> Wire:
    return _whole(Answer(302, {"Location": "?"}, b"").with_body(b""))


def _bounds(answer: Answer) -> tuple[int, int, int]:
    """Return the first and the last byte, and the size of the value, of a range."""
    found = re.search(r"(\d+)-(\d+)/(\d+)", answer.headers.get("Content-Range", ""))
    if found is None:
        return 0, len(answer.body) - 1, len(answer.body)
    return int(found[1]), int(found[2]), int(found[3])


def _said(first: int = 0, last: int = 0, size: int = 0) -> Callable[[Answer], Wire]:
    """Move what is said of the range by so much; the bytes are those asked for."""

    def damage(answer: Answer) -> Wire:
        start, end, total = _bounds(answer)
        said = f"bytes {start + first}-{end + last}/{end if size else total}"
        return _whole(answer.with_body(answer.body, Content_Range=said))

    return damage


def _sent(change: Callable[[bytes], bytes], shift: int | None) -> Callable[[Answer], Wire]:
    """Send other bytes; with `shift` (of the start) it is said which, without not."""

    def damage(answer: Answer) -> Wire:
        start, _, total = _bounds(answer)
        body = change(answer.body)
        if shift is None:
            return _whole(answer.with_body(body))
        start += shift
        said = f"bytes {start}-{start + len(body) - 1}/{total}"
        return _whole(answer.with_body(body, Content_Range=said))

    return damage


def _multipart(answer: Answer) -> Wire:
    said = answer.headers.get("Content-Range", "")
    head = f"--part\r\nContent-Range: {said}\r\n\r\n".encode()
    body = head + answer.body + b"\r\n--part--\r\n"
    kind = "multipart/byteranges; boundary=part"
    return _whole(answer.with_body(body, Content_Range="", Content_Type=kind))


def _text(pattern: bytes, other: bytes) -> Callable[[Answer], Wire]:
    return lambda answer: _whole(
        answer.with_body(re.sub(pattern, other, answer.body, flags=re.DOTALL))
    )


DAMAGES: dict[str, Callable[[Answer], Wire]] = {
    # Connections.
    "dropped": lambda _: Wire(b""),
    "reset": lambda _: Wire(b"", "reset"),
    "cut-head": lambda answer: Wire(_half(answer.head)),
    "reset-head": lambda answer: Wire(_half(answer.head), "reset"),
    "cut": lambda answer: Wire(answer.head + _half(answer.body)),
    "cut-chunked": _chunked,
    "cut-unframed": _unframed,
    "reset-body": lambda answer: Wire(answer.head + _half(answer.body), "reset"),
    "stall": lambda _: Wire(b"", "stall"),
    "stall-head": lambda answer: Wire(_half(answer.head), "stall"),
    "stall-body": lambda answer: Wire(answer.head + _half(answer.body), "stall"),
    "not-http": lambda _: Wire(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "twice": lambda answer: Wire(answer.head + answer.body, "go on"),
    # Bodies and headers that contradict each other, or do not.
    "short-honest": lambda answer: _whole(answer.with_body(answer.body[:-100])),
    "longer": lambda answer: _whole(answer.with_body(answer.body + b"?" * 100)),
    "flip": _flipped,
    "empty": lambda answer: _whole(answer.with_body(b"")),
    "two-lengths": _two_lengths,
    "gzip": lambda answer: _whole(
        answer.with_body(gzip.compress(answer.body), Content_Encoding="gzip")
    ),
    "not-gzip": lambda answer: _whole(
        answer.with_body(answer.body, Content_Encoding="gzip")
    ),
    "other-etag": lambda answer: _whole(
        answer.with_body(answer.body, ETag=f'"{"0" * 32}"')
    ),
    # Other answers.
    "html": _page(200, _HTML, "text/html"),
    "error-200": _page(200, _XML, "application/xml"),
    "no-content": _page(204, b"", "text/plain"),
    "404-page": _page(404, _HTML, "text/html"),
    "unasked": _unasked,
    "redirect": _redirect,
    # Ranges.
    "range-200": lambda answer: _whole(
        replace(answer, status=200).with_body(answer.body, Content_Range="")
    ),
    "range-unsaid": lambda answer: _whole(answer.with_body(answer.body, Content_Range="")),
    "range-garbled": lambda answer: _whole(
        answer.with_body(answer.body, Content_Range="bytes a-b/c")
    ),
    "range-start": _said(first=8),
    "range-end": _said(last=8),
    "range-total": _said(size=1),
    "range-shifted": _sent(lambda body: body[8:] + b"?" * 8, 8),
    "range-lying": _sent(lambda body: body[8:] + b"?" * 8, None),
    "range-short": _sent(lambda body: body[:-8], 0),
    "range-short-lying": _sent(lambda body: body[:-8], None),
    "range-long": _sent(lambda body: body + b"?" * 8, 0),
    "range-long-lying": _sent(lambda body: body + b"?" * 8, None),
    "range-empty": _sent(lambda _: b"", None),
    "range-parts": _multipart,
    # Listings of S3.
    "xml-cut": lambda answer: _whole(answer.with_body(_half(answer.body))),
    "xml-no-token": _text(rb"<NextContinuationToken>.*?</NextContinuationToken>", b""),
    "xml-end": _text(rb"<IsTruncated>true", b"<IsTruncated>false"),
    "xml-fewer": _text(rb"<Contents>.*?</Contents>", b""),
}
"""What is sent in place of a right answer, by the name of the fault."""
