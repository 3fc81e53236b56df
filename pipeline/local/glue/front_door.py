"""Front door: only this machine's own programs and pages may call.

Gap: MiniStack answers any Host and any Origin, with `Access-Control-Allow-Origin: *`, and takes
its root key unverified. A page on any website could call it through the user's browser, and a
push runs code. (On AWS, signatures protect the APIs; here every secret is public.)
Leans on: the module attribute `app` of ministack.app, which `main` serves.
"""

import ipaddress
from urllib.parse import urlsplit

from ministack import app

_REFUSAL = b"The local cloud answers only requests to and from this machine: use http://localhost or http://127.0.0.1.\n"


def _is_loopback_url(url):
    try:
        parts = urlsplit(url)
        name = (parts.hostname or "").rstrip(".")
        _ = parts.port  # raises ValueError when it is no number
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _values(scope, name):
    return [value.decode("latin-1").strip() for key, value in scope["headers"] if key.lower() == name]


def is_local(scope):
    """Whether a request is addressed to this machine, and not sent by a page from elsewhere."""
    hosts = _values(scope, b"host")
    if not hosts or any("/" in host or "@" in host or not _is_loopback_url(f"http://{host}") for host in hosts):
        return False
    pages = _values(scope, b"origin")
    if not pages and "cross-site" in _values(scope, b"sec-fetch-site"):
        # Images and links carry no Origin, and name the page that asks in Referer only.
        # (Pages on localhost and on *.localhost are cross-site to each other.)
        pages = _values(scope, b"referer") or ["null"]
    return all(_is_loopback_url(page) for page in pages)


def apply():
    inner = app.app

    async def front_door(scope, receive, send):
        if scope["type"] == "lifespan" or is_local(scope):
            await inner(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": 403,
                        "headers": [(b"content-type", b"text/plain"),
                                    (b"content-length", str(len(_REFUSAL)).encode())]})
            await send({"type": "http.response.body", "body": _REFUSAL})

    app.app = front_door
