"""CloudFront compresses what a behaviour says, and answers conditions.

Gap: MiniStack ignores `Compress`. On AWS a behaviour with it, and with a cache policy that lets Accept-Encoding into the key,
compresses text of 1,000 to 10,000,000 bytes for viewers who take that, and makes its ETag a weak one (developer guide, "Serve
compressed files"). A viewer who comes back with such an ETag gets 304; S3 itself, which is asked for it here, knows the strong one.
Not as on AWS: gzip only, where CloudFront prefers Brotli, which is smaller still.
Leans on: handle_viewer_request, _dataplane_behavior, parse_distribution_dataplane_config, _match_behavior, _text and
cache_policy_params of services/cloudfront.py.
"""

import gzip

from ministack.services import cloudfront

# The developer guide's list.
_TYPES = frozenset("""
application/dash+xml application/eot application/font application/font-sfnt application/javascript application/json
application/opentype application/otf application/pdf application/pkcs7-mime application/protobuf application/rss+xml
application/truetype application/ttf application/vnd.apple.mpegurl application/vnd.mapbox-vector-tile
application/vnd.ms-fontobject application/wasm application/x-font-opentype application/x-font-truetype
application/x-font-ttf application/x-httpd-cgi application/x-javascript application/x-mpegurl application/x-opentype
application/x-otf application/x-perl application/x-ttf application/xhtml+xml application/xml font/eot font/opentype
font/otf font/ttf image/svg+xml text/css text/csv text/html text/javascript text/js text/plain text/richtext
text/tab-separated-values text/x-component text/x-java-source text/x-script text/xml vnd.apple.mpegurl""".split())
_SIZES = range(1_000, 10_000_001)
_STATUSES = (200, 403, 404)


def apply():
    behavior_of, serve = cloudfront._dataplane_behavior, cloudfront.handle_viewer_request

    def behavior_with_compression(element, *pattern):
        return {**behavior_of(element, *pattern), "compress": cloudfront._text(element, "Compress") == "true"}

    async def compressed(dist, method, path, raw_uri, query, headers, *more):
        if not _compresses(dist, path):
            return await serve(dist, method, path, raw_uri, query, headers, *more)
        if tags := headers.get("if-none-match"):
            headers = {**headers, "if-none-match": tags.replace('W/"', '"')}
        status, answered, body = await serve(dist, method, path, raw_uri, query, headers, *more)
        answered = {**answered, "Vary": "Accept-Encoding"}
        if status in _STATUSES and _is_text(answered, body) and _takes_gzip(headers.get("accept-encoding", "")):
            body = gzip.compress(body, mtime=0)
            answered |= {"Content-Encoding": "gzip", "Content-Length": str(len(body))}
            if tag := answered.pop("Etag", None) or answered.pop("ETag", None):
                answered["ETag"] = tag if tag.startswith("W/") else f"W/{tag}"
        return status, answered, body

    cloudfront._dataplane_behavior = behavior_with_compression
    cloudfront.handle_viewer_request = compressed


def _compresses(dist, path):
    behavior = cloudfront._match_behavior(cloudfront.parse_distribution_dataplane_config(dist), path)
    policy = cloudfront.cache_policy_params((behavior or {}).get("cache_policy_id")) or {}
    return bool(behavior and behavior["compress"] and policy.get("EnableAcceptEncodingGzip"))


def _is_text(headers, body):
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind in _TYPES and len(body) in _SIZES and "Content-Encoding" not in headers


def _takes_gzip(accepted):
    codings = (coding.replace(" ", "").lower().partition(";q=") for coding in accepted.split(","))
    return any(name == "gzip" and (not weight or float(weight) > 0) for name, _, weight in codings)
