"""Requests that two readers may understand differently: the stuff that request smuggling is made of."""

from __future__ import annotations

__all__ = ["AMBIGUOUS", "CODINGS", "SOUND", "TARGETS", "UPGRADES"]

_POST = b"POST /api/v1/dag_runs HTTP/1.1\r\nHost: localhost\r\n"
_GET = b"GET /api/v1/dags HTTP/1.1\r\nHost: localhost\r\n"
_CHUNKED = _POST + b"Transfer-Encoding: chunked\r\n\r\n"
_NOTHING = b"0\r\n\r\n"
_ONE = b"2\r\n{}\r\n0\r\n\r\n"


def _length(value: bytes) -> bytes:
    return _POST + b"Content-Length: " + value + b"\r\n\r\n{}"


def _coding(value: bytes) -> bytes:
    return _POST + b"Transfer-Encoding: " + value + b"\r\n\r\n" + _ONE


AMBIGUOUS = {
    "an expectation that is no text": b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nExpect: wonde\xa6s\r\n\r\n",
    "length, then chunks": _POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + _NOTHING,
    "chunks, then length": _POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + _NOTHING,
    "two lengths": _POST + b"Content-Length: 2\r\nContent-Length: 99\r\n\r\n{}",
    "the same length twice": _POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a list of lengths": _length(b"2, 2"),
    "a length in other digits": _length("٢".encode()),
    "a length with a sign": _length(b"+2"),
    "a negative length": _length(b"-2"),
    "a hexadecimal length": _length(b"0x2"),
    "a length with an underscore": _length(b"2_0"),
    "a length with a blank": _length(b"2 2"),
    "a length with a fraction": _length(b"2.0"),
    "no length": _length(b""),
    "a length beyond 64 bits": _length(b"9" * 23),
    "bare LF": b"GET /api/v1/dags HTTP/1.1\nHost: localhost\n\n",
    "bare LF after a header": b"GET /api/v1/dags HTTP/1.1\r\nHost: localhost\nX-A: b\r\n\r\n",
    "bare LF at the end": b"GET /api/v1/dags HTTP/1.1\r\nHost: localhost\r\n\n",
    "bare CR": b"GET /api/v1/dags HTTP/1.1\r\nHost: localhost\rX-B: c\r\n\r\n",
    "CR in a value": _GET + b"X-A: b\rc\r\n\r\n",
    "NUL in a value": _GET + b"X-A: b\x00c\r\n\r\n",
    "NUL in a name": _GET + b"X-\x00A: b\r\n\r\n",
    "a folded header": _GET + b"X-A: b\r\n c\r\n\r\n",
    "a folded coding": _POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + _NOTHING,
    "a blank before the colon": _POST + b"Content-Length : 2\r\n\r\n{}",
    "a blank before the colon of chunks": _POST + b"Transfer-Encoding : chunked\r\n\r\n" + _NOTHING,
    "a tab before the colon": _POST + b"Transfer-Encoding\t: chunked\r\n\r\n" + _NOTHING,
    "a blank before the first header": b"GET /api/v1/dags HTTP/1.1\r\n Host: localhost\r\n\r\n",
    "a chunk size that is none": _CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    "an empty chunk size": _CHUNKED + b"\r\n{}\r\n0\r\n\r\n",
    "a negative chunk size": _CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "a chunk size with a sign": _CHUNKED + b"+2\r\n{}\r\n0\r\n\r\n",
    "a chunk size with 0x": _CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n",
    "a blank after a chunk size": _CHUNKED + b"2 \r\n{}\r\n0\r\n\r\n",
    "a blank before a chunk size": _CHUNKED + b" 2\r\n{}\r\n0\r\n\r\n",
    "a chunk size that wraps round": _CHUNKED + b"10000000000000002\r\n{}\r\n0\r\n\r\n",
    "a chunk shorter than it is": _CHUNKED + b"1\r\n{}\r\n0\r\n\r\n",
    "chunks with bare LF": _CHUNKED + b"2\n{}\n0\n\n",
    "a chunk that ends in bare LF": _CHUNKED + b"2\r\n{}\n0\r\n\r\n",
    "LF in a chunk extension": _CHUNKED + b"2;a\nb\r\n{}\r\n0\r\n\r\n",
    "CR in a chunk extension": _CHUNKED + b"2;a\rb\r\n{}\r\n0\r\n\r\n",
    "a trailer that is a length": _CHUNKED + b"2\r\n{}\r\n0\r\nContent-Length: 500\r\n\r\n",
    "a trailer that is none": _CHUNKED + b"2\r\n{}\r\n0\r\nnonsense\r\n\r\n",
    "xchunked": _coding(b"xchunked"),
    "chunked, then identity": _coding(b"chunked, identity"),
    "identity": _POST + b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}",
    "chunked twice": _coding(b"chunked, chunked"),
    "two codings": _coding(b"identity\r\nTransfer-Encoding: chunked"),
    "the same coding twice": _coding(b"chunked\r\nTransfer-Encoding: chunked"),
    "chunked in quotes": _coding(b'"chunked"'),
    "chunked with a parameter": _coding(b"chunked;q=1"),
    "chunked behind a vertical tab": _coding(b"\x0bchunked"),
    "chunks in HTTP/1.0": _coding(b"chunked").replace(b"HTTP/1.1", b"HTTP/1.0"),
    "chunks in HTTP/1.0 kept alive": _coding(b"chunked\r\nConnection: keep-alive").replace(b"HTTP/1.1", b"HTTP/1.0"),
    "no host": b"GET /api/v1/dags HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /api/v1/dags HTTP/1.1\r\nHost: localhost\r\nHost: y\r\n\r\n",
    "HTTP/0.9": b"GET /api/v1/dags\r\n\r\n",
    "HTTP/1.2": b"GET /api/v1/dags HTTP/1.2\r\nHost: localhost\r\n\r\n",
    "HTTP/2.0": b"GET /api/v1/dags HTTP/2.0\r\nHost: localhost\r\n\r\n",
    "HTTP/01.1": b"GET /api/v1/dags HTTP/01.1\r\nHost: localhost\r\n\r\n",
    "a method in small letters": b"get /api/v1/dags HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a method with other characters": b"G@T /api/v1/dags HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a blank before the method": b" GET /api/v1/dags HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "tabs between the parts": b"GET\t/api/v1/dags\tHTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a blank behind the version": b"GET /api/v1/dags HTTP/1.1 \r\nHost: localhost\r\n\r\n",
    "damaged chunks of a GET": _GET + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a GET that is longer than it says": _GET + b"Content-Length: 2\r\n\r\nGET /api/v1/latest_runs HTTP/1.1\r\n\r\n",
}
"""Each is to be answered with one 400, and nothing that follows on the connection is to be read."""

SOUND = {
    "a length with zeros before it": _length(b"02"),
    "an extension of a chunk": _CHUNKED + b"2;a=b\r\n{}\r\n0\r\n\r\n",
    "a trailer": _CHUNKED + b"2\r\n{}\r\n0\r\nX-T: a\r\n\r\n",
    "chunks in capital letters": _coding(b"CHUNKED"),
    "a blank behind the coding": _coding(b"chunked "),
    "an empty line before it": b"\r\n\r\n" + _length(b"2"),
    "an expectation": _POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    "another expectation": _POST + b"Expect: wonders\r\nContent-Length: 2\r\n\r\n{}",
    "a body where none is wanted": _GET.replace(b"dags", b"dags?x=1") + b"Content-Length: 2\r\n\r\n{}",
    "a content type that is none": _POST + b"Content-Type: \xff;;;=\r\nContent-Length: 2\r\n\r\n{}",
    "an encoding that is refused": _POST + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
}
"""Every reader agrees where each of them ends: the API answers it with 400, and serves what follows."""

CODINGS = {
    "gzip": _coding(b"gzip, chunked"),
    "gzip in another line": _coding(b"gzip\r\nTransfer-Encoding: chunked"),
    "gzip without chunks": _coding(b"gzip"),
    "a coding that nobody knows": _coding(b"x-own, chunked"),
    "an empty coding": _coding(b", chunked"),
    "identity": _coding(b"identity, chunked"),
    "gzip of a GET": _GET + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + _ONE,
}
"""Bodies in a transfer coding besides the chunks: each is to be answered with one 400, as what is ambiguous is."""

UPGRADES = {
    f"{what} to {protocol.decode()}": request.replace(
        b"Host: localhost\r\n", b"Host: localhost\r\nConnection: %s\r\nUpgrade: %s\r\n" % (connection, protocol)
    )
    for protocol, connection in {
        b"websocket": b"Upgrade",
        b"h2c": b"Upgrade, HTTP2-Settings",
        b"TLS/1.0": b"upgrade, keep-alive",
        b"own": b"upgrade",
    }.items()
    for what, request in {
        "a GET": _GET + b"\r\n",
        "a length": _length(b"2"),
        "chunks": _CHUNKED + _ONE,
    }.items()
} | {"a CONNECT": b"CONNECT /api/v1/dags HTTP/1.1\r\nHost: localhost\r\n\r\n"}
"""Requests that ask for another protocol on the connection, which the service declines."""

TARGETS = {
    b"/api/v1/dags": 200,
    b"http://localhost/api/v1/dags": 200,
    b"https://127.0.0.1:80/api/v1/dags": 200,
    b"http://evil.example/api/v1/dags": 403,
    b"https://user:secret@localhost:80/api/v1/dags": 403,
    b"/api/v1/%64ags": 200,
    b"/api/v1/dags#fragment": 200,
    b"http://localhost": 404,
    b"http://evil.example": 403,
    b"//api/v1/dags": 404,
    b"//evil.example/api/v1/dags": 404,
    b"//[": 404,
    b"//x:port/": 404,
    b"/api//v1/dags": 404,
    b"/healthz/%2e%2e/api/v1/dags": 404,
    b"/healthz/../api/v1/dags": 404,
    b"/healthz%2f..%2fapi/v1/dags": 404,
    b"/./api/v1/dags": 404,
    b"/api/v1%2fdags": 404,
    b"/api/v1/dags;a=b": 404,
    b"/api/v1\\dags": 404,
    b"/api/v1/%zz": 404,
    b"/api/v1/dag_runs/%25ff": 404,
    b"/api/v1/dag_runs?dag_id=%25ff": 200,
    b"/api/v1/dag_runs?dag_id=%f0%9f%92%80%c3%a9": 200,
    b"/api/v1/%ff%fe%00": 400,
    b"/api/v1/dag_runs/%ff": 400,
    b"/api/v1/dag_runs/a%c3": 400,
    b"/api/v1/batches/%ed%a0%80": 400,
    b"/api/v1/dag_runs?prefix=%c0%80": 400,
    b"/api/v1/dag_runs?dag_id=%ff": 400,
    b"/api/v1/dag_runs?%ff=1": 400,
    b"/api/v1/openapi.json?%ff": 400,
    b"/healthz?%ff": 400,
    b"/metrics?%ff": 400,
    b"/?%ff": 400,
    b"/reference?%ff": 400,
    b"/static/%ff": 400,
    b"/nowhere?%ff": 400,
    b"http://evil.example:99999999/api/v1/dags": 400,
    b"http://[::1/api/v1/dags": 400,
    b"http://[zz]/api/v1/dags": 400,
    b"http://xn--a/api/v1/dags": 400,
    b"http://xn--%/api/v1/dags": 400,
    b"file:///etc/passwd": 400,
    b"javascript:alert(1)": 400,
    b"evil.example:80": 400,
    b"*": 400,
    "/api/v1/dags\u00e9".encode(): 400,
    b"/api/v1/dags\xff": 400,
    b"/api/v1/dags\x00": 400,
}
"""What may stand in a request line, and the status of its answer."""
