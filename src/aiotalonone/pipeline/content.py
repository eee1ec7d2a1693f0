"""Content-Encoding: what a response's body is once it is decoded, within a limit that holds while decoding."""

import zlib
from typing import Final

_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB: Final = zlib.MAX_WBITS
_RAW_DEFLATE: Final = -zlib.MAX_WBITS
_PIECE: Final = 64 * 1024
MAX_MEMBERS: Final = 1000
"""Of one gzip file: each takes time, also if it holds nothing."""
_INVALID: Final = "a body that does not keep to its content encoding"


class UndecodableContentError(Exception):
    """The body is not what its Content-Encoding says, or larger than allowed; the text says so in our words."""


class ContentTooLargeError(UndecodableContentError):
    """The decoded body is larger than allowed."""


def decode_content(body: bytes, encoding: str, limit: int) -> bytes:
    """Return the decoded body.

    Args:
        body: As it came.
        encoding: The Content-Encoding header: gzip or deflate, once.
        limit: How many bytes the result may have.

    Raises:
        UndecodableContentError: Another encoding, several of them, or a body that does not keep to it.
        ContentTooLargeError: The result would be larger; no more than that was decoded.
    """
    codings = [coding for text in encoding.split(",") if (coding := text.strip().lower()) not in ("", "identity")]
    if not codings or not body:
        return body
    if codings not in (["gzip"], ["x-gzip"], ["deflate"]):
        raise UndecodableContentError("an unsupported content encoding")
    try:
        decoded = bytearray()
        if codings == ["deflate"]:
            end = _inflate(body, 0, _ZLIB if _has_zlib_header(body) else _RAW_DEFLATE, decoded, limit)
        else:
            end = _gunzip(body, decoded, limit)
    except zlib.error:
        raise UndecodableContentError(_INVALID) from None
    if body.count(0, end) < len(body) - end:  # zeros are padding
        raise UndecodableContentError(_INVALID)
    return bytes(decoded)


def _gunzip(body: bytes, decoded: bytearray, limit: int) -> int:
    """Decode all members of a gzip file, and return where the last one ends."""
    position = 0
    for _ in range(MAX_MEMBERS):
        position = _inflate(body, position, _GZIP, decoded, limit)
        if position == len(body) or not body[position]:
            break
    return position


def _inflate(body: bytes, position: int, window: int, decoded: bytearray, limit: int) -> int:
    """Decode the stream that starts at a position, and return where it ends.

    The body is decoded in pieces: a stream copies what stands behind its end.
    """
    stream = zlib.decompressobj(window)
    while not stream.eof and position < len(body):
        piece = body[position : position + _PIECE]
        decoded += stream.decompress(piece, limit + 1 - len(decoded))
        if len(decoded) > limit:
            raise ContentTooLargeError(f"larger than {limit} bytes")
        position += len(piece) - len(stream.unused_data)
    if not stream.eof:
        raise UndecodableContentError("a body that ends within its content encoding")
    return position


def _has_zlib_header(body: bytes) -> bool:
    """Return whether a deflated body starts as RFC 1950 says; some servers leave the header out."""
    return len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and (body[0] << 8 | body[1]) % 31 == 0
