"""The head of a request as bytes."""

import httpx


def request_head(request: httpx.Request, proxy_headers: list[tuple[bytes, bytes]] | None) -> bytes:
    """Return the head of a request as it is sent.

    Args:
        request: What to send.
        proxy_headers: For a proxy that forwards the request; ``None`` if the connection leads to the server.

    Raises:
        httpx.LocalProtocolError: A header would end its line, or the body has no length.
    """
    headers = request.headers.raw
    url = request.url
    target = url.raw_path
    if proxy_headers is not None:
        headers = [*proxy_headers, *headers]
        target = b"%b://%b%b" % (url.raw_scheme, url.netloc, target)
    head = b"%b %b HTTP/1.1\r\n%b\r\n\r\n" % (
        request.method.encode("ascii"),
        target,
        b"\r\n".join(map(b": ".join, headers)),
    )
    lines = len(headers) + 2
    if head.count(b"\n") != lines or head.count(b"\r") != lines or b"\0" in head:
        raise httpx.LocalProtocolError("a header contains a line break")
    if b"\r\ntransfer-encoding:" in head.lower():
        raise httpx.LocalProtocolError("a request must have a body of known length")
    return head
