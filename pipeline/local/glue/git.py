"""Git over HTTP: requests below /v1/repos/ are streamed to the developer tools.

Gap: MiniStack has no CodeCommit, and reads whole request bodies into memory. On AWS git has a
host of its own (git-codecommit.<region>.amazonaws.com/v1/repos/<name>); here one endpoint serves
all. Bodies are streamed both ways, so that a push of any size works.
Leans on: the module attribute `app` of ministack.app; h11, which hypercorn brings.
"""

import asyncio

import h11
from glue import devtools
from ministack import app

_PREFIX = "/v1/repos/"
_CHUNK = 64 * 1024
# They belong to one connection, and here are two; hypercorn has answered the Expect.
_HOP_BY_HOP = {b"connection", b"keep-alive", b"proxy-connection", b"upgrade", b"te", b"expect"}


def apply():
    inner = app.app

    async def git(scope, receive, send):
        if scope["type"] == "http" and scope["path"].startswith(_PREFIX):
            await _proxy(scope, receive, send)
        else:
            await inner(scope, receive, send)

    app.app = git


def _end_to_end(headers):
    return [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]


async def _proxy(scope, receive, send):
    try:
        reader, writer = await asyncio.open_connection(devtools.HOST, devtools.PORT)
    except OSError as error:
        await _respond(send, 503, devtools.unavailable(error))
        return
    connection = h11.Connection(h11.CLIENT)
    upload = asyncio.create_task(_upload(scope, receive, connection, writer))
    started = False
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(_CHUNK))
            elif isinstance(event, h11.Response):
                started = True
                await send({"type": "http.response.start", "status": event.status_code,
                            "headers": _end_to_end(event.headers)})
            elif isinstance(event, h11.Data):
                await send({"type": "http.response.body", "body": bytes(event.data), "more_body": True})
            elif isinstance(event, h11.EndOfMessage):
                await send({"type": "http.response.body", "body": b""})
                break
    except (OSError, h11.RemoteProtocolError) as error:
        if started:
            raise  # the server cuts the connection, so that git sees an incomplete answer
        await _respond(send, 503, devtools.unavailable(error))
    finally:
        upload.cancel()
        writer.close()


async def _upload(scope, receive, connection, writer):
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    ours = [(name.encode(), value.encode()) for name, value in devtools.scope_headers().items()]
    theirs = [(name, value) for name, value in _end_to_end(scope["headers"]) if not name.startswith(b"x-devtools-")]

    async def write(event):
        writer.write(connection.send(event))
        await writer.drain()

    try:
        await write(h11.Request(method=scope["method"], target=target,
                                headers=[*theirs, *ours, (b"connection", b"close")]))
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                writer.close()
                return
            if message["body"]:
                await write(h11.Data(data=message["body"]))
            if not message.get("more_body", False):
                break
        await write(h11.EndOfMessage())
    except ConnectionError:
        pass  # the service answered early and closed: the client gets that answer
    except h11.LocalProtocolError:
        writer.close()  # the body ended before its announced length


async def _respond(send, status, message):
    body = message.encode() + b"\n"
    await send({"type": "http.response.start", "status": status,
                "headers": [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})
