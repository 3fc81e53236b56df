"""CloudFront distributions are reached, and reach the local API.

Gap: MiniStack serves a distribution at <label>.cloudfront.localhost:<port>, but answers with <label>.cloudfront.net for its
DomainName, sends viewers on to HTTPS, where nobody listens, refuses origins on amazonaws.com, and takes every method where
AllowedMethods is left out. There AWS takes GET and HEAD.
On AWS a site is https://<DomainName>, and an HTTP API is an origin by its host, <id>.execute-api.<region>.amazonaws.com.
Here GetAtt's DomainName has the host and port that browsers take to this machine. A template has to write https:// before it:
of what the intrinsic functions put together, http:// replaces that. A viewer's request counts as sent over TLS (as everywhere,
see secure_transport.py), and an API's host as an origin is the local API of that id.
Leans on: find_distribution_for_label (which knows a distribution by <label>.cloudfront.net), _check_viewer_protocol_policy,
_dataplane_allowed_methods and _forward_to_origin of services/cloudfront.py; _RESOURCE_HANDLERS of cloudformation/provisioners.py; _resolve_refs of
cloudformation/engine.py, as imported by stacks.py, handlers.py and changesets.py; the path form of APIs in app.py.
"""

import os
import re

from ministack.services import cloudfront
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

_TYPE = "AWS::CloudFront::Distribution"
_URL = re.compile(r"https://([a-z0-9]+\.cloudfront\.localhost:)")
_API = re.compile(r"([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com")


def apply():
    resource, resolve, forward = provisioners._RESOURCE_HANDLERS[_TYPE], engine._resolve_refs, cloudfront._forward_to_origin
    create, update = resource["create"], resource["update"]

    def resolved(value, *arguments):
        made = resolve(value, *arguments)
        return _URL.sub(r"http://\1", made) if isinstance(made, str) else made

    def fetch(origin, method, uri, *arguments):
        if api := _API.fullmatch(origin["domain_name"].lower()):
            # By the address: the name may lead to ::1, where MiniStack does not listen.
            origin = {**origin, "domain_name": "127.0.0.1", "http_port": int(os.environ["GATEWAY_PORT"]),
                      "protocol_policy": "http-only"}
            uri = f"/_aws/execute-api/{api[1]}{uri}"
        return forward(origin, method, uri, *arguments)

    resource["create"] = lambda *arguments: _reachable(create(*arguments))
    resource["update"] = lambda *arguments: _reachable(update(*arguments))
    for module in (engine, stacks, handlers, changesets):
        module._resolve_refs = resolved
    methods = cloudfront._dataplane_allowed_methods
    cloudfront._dataplane_allowed_methods = lambda behavior: methods(behavior) or ["GET", "HEAD"]
    cloudfront._check_viewer_protocol_policy = lambda *_: None
    cloudfront._forward_to_origin = fetch


def _reachable(made):
    physical_id, attributes = made
    label = attributes["DomainName"].partition(".")[0]
    return physical_id, {**attributes, "DomainName": f"{label}.cloudfront.localhost:{os.environ['GATEWAY_PORT']}"}
