"""S3's website endpoints: a bucket with a website configuration is a site.

Gap: MiniStack keeps the configuration and serves the bucket at <bucket>.s3-website… as S3's own endpoint does: no index or
error document, errors in XML, and GetAtt's WebsiteURL names a host of AWS.
On AWS (user guide, "Hosting a static website") the endpoint is for everybody whom the bucket's policy lets read; a folder
answers with its index document, `folder` is sent to `folder/` when that has one, an error answers with the error document and
the error's status, else with a page, and what is no GET or HEAD is refused. An object's own headers, conditions and ranges
are those of S3. The URL here is http://<bucket>.s3-website-<region>.localhost:<port>, which browsers take to this machine.
Not as on AWS: routing rules and RedirectAllRequestsTo are refused when a page is asked for (501).
Leans on: _handle_s3_vhost_request of app.py, which also asks the bucket's policy; _bucket_websites of services/s3.py; _s3_attrs
of cloudformation/provisioners.py.
"""

import html
import os
import re
from http import HTTPStatus
from xml.etree import ElementTree

from ministack import app
from ministack.core.responses import get_region
from ministack.services import s3
from ministack.services.cloudformation import provisioners

_HOST = re.compile(r"([a-z0-9][a-z0-9.-]+)\.s3-website[.-][a-z0-9-]+\.localhost(?::\d+)?")
_FORWARDED = ("range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range")
_REDIRECT = "x-amz-website-redirect-location"


def apply():
    serve_bucket, attributes = app._handle_s3_vhost_request, provisioners._s3_attrs

    async def serve(host, path, method, headers, body, query):
        if not (site := _HOST.fullmatch(host)):
            return await serve_bucket(host, path, method, headers, body, query)

        async def read(key, method=method, **query):
            """What S3's own endpoint gives to anybody."""
            kept = {name: headers[name] for name in _FORWARDED if name in headers and key}
            endpoint = f"{site[1]}.s3.localhost"
            return await serve_bucket(endpoint, f"/{key}", method, {**kept, "host": endpoint}, b"", query)

        return await _answer(site[1], path.lstrip("/"), method, read)

    def with_url(name):
        url = f"http://{name}.s3-website-{get_region()}.localhost:{os.environ['GATEWAY_PORT']}"
        return {**attributes(name), "WebsiteURL": url}

    app._handle_s3_vhost_request = serve
    provisioners._s3_attrs = with_url


async def _answer(bucket, key, method, read):
    if method not in ("GET", "HEAD"):
        return _page(405, method, "MethodNotAllowed", "The specified method is not allowed against this resource.")
    if not (configuration := s3._bucket_websites.get(bucket)):
        return _page(404, method, "NoSuchWebsiteConfiguration",
                     "The specified bucket does not have a website configuration")
    site = _Site(configuration)
    if site.unsupported:
        return _page(501, method, "NotImplemented", f"The local cloud does not follow {site.unsupported}")

    status, headers, body = await read(key + site.index if not key or key.endswith("/") else key)
    if status < 300 and (target := _header(headers, _REDIRECT)):
        return 301, {"Location": target}, b""
    if status in (403, 404) and key and not key.endswith("/") and (await read(f"{key}/{site.index}"))[0] < 300:
        return 302, {"Location": f"/{key}/"}, b""
    if status not in (400, 403, 404):
        return status, headers, body
    if status == 404 and (listed := await read("", "GET", **{"max-keys": ["0"]}))[0] == 403:
        status, body = 403, listed[2]  # who may not list the bucket does not learn what is missing
    code, message = (ElementTree.fromstring(body).findtext(name) if body else None for name in ("Code", "Message"))
    if not site.error:
        return _page(status, method, code, message)
    found, headers, body = await read(site.error)
    return (status, headers, body) if found < 300 else _page(status, method, code, message)


class _Site:
    """A website configuration, which S3 keeps as the XML that it was given."""

    def __init__(self, xml):
        root = ElementTree.fromstring(xml)
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        self.index = root.findtext("IndexDocument/Suffix")
        self.error = root.findtext("ErrorDocument/Key")
        kinds = ("RoutingRules", "RedirectAllRequestsTo")
        self.unsupported = next((kind for kind in kinds if root.find(kind) is not None), None)


def _header(headers, wanted):
    return next((value for name, value in headers.items() if name.lower() == wanted), None)


def _page(status, method, code, message):
    title = f"{status} {HTTPStatus(status).phrase}"
    facts = "".join(f"<li>{name}: {html.escape(value)}</li>" for name, value in (("Code", code), ("Message", message)) if value)
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><ul>{facts}</ul></body></html>\n".encode()
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(page))}
    return status, headers, b"" if method == "HEAD" else page
