"""HTTP APIs defined by OpenAPI: AWS::ApiGatewayV2::Api with a Body, as SAM writes them.

Gap: MiniStack stores such an API without routes, integrations, authorizers and CORS, and stores
CORS from CloudFormation under keys in the wrong case, so that preflight answers 403. AWS imports
the definition at create and again at each update.
Imported things get ids that follow from what they are (a route's key, an authorizer's name), so
that what a template does not change keeps its id, and what it drops can be named and removed.
Leans on: _RESOURCE_HANDLERS of cloudformation/provisioners.py; _routes, _integrations and
_authorizers of services/apigateway.py and the fields of their records.
"""

import hashlib

from glue.openapi import imported
from ministack.services import apigateway
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::ApiGatewayV2::Api"


def apply():
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    create, update = handlers["create"], handlers["update"]

    def created(logical_id, props, stack_name):
        definition = imported(props.get("Body"))
        made = create(logical_id, _effective(props), stack_name)
        _store(made[0], definition)
        return made

    def updated(physical_id, old, new, stack_name, logical_id=None):
        definition, previous = imported(new.get("Body")), imported(old.get("Body"))
        made = update(physical_id, _effective(old), _effective(new), stack_name, logical_id)
        _forget(made[0], previous)
        _store(made[0], definition)
        return made

    handlers["create"], handlers["update"] = created, updated


def _effective(props):
    """The properties with what the definition says in their place, and CORS as the API spells it."""
    body = props.get("Body") or {}
    cors = {**body.get("x-amazon-apigateway-cors", {}),
            **{key[0].lower() + key[1:]: value for key, value in (props.get("CorsConfiguration") or {}).items()}}
    info = body.get("info", {})
    effective = {"Name": info.get("title"), "Version": info.get("version"), "Description": info.get("description"),
                 **({"ProtocolType": "HTTP"} if body else {}), **props, "CorsConfiguration": cors}
    return {key: value for key, value in effective.items() if value}


def _id(api_id, kind, name):
    return hashlib.sha256(f"{api_id} {kind} {name}".encode()).hexdigest()[:7]


def _stores():
    return {"route": apigateway._routes, "integration": apigateway._integrations, "authorizer": apigateway._authorizers}


def _forget(api_id, definition):
    for kind, store in _stores().items():
        for name in definition.authorizers if kind == "authorizer" else definition.routes:
            store.get(api_id, {}).pop(_id(api_id, kind, name), None)


def _store(api_id, definition):
    for name, authorizer in definition.authorizers.items():
        key = _id(api_id, "authorizer", name)
        apigateway._authorizers.setdefault(api_id, {})[key] = {"authorizerId": key, "name": name, **authorizer}
    for name, (route, integration) in definition.routes.items():
        key = _id(api_id, "integration", name)
        apigateway._integrations.setdefault(api_id, {})[key] = {"integrationId": key, **integration}
        record = {"routeId": _id(api_id, "route", name), "routeKey": name, "target": f"integrations/{key}", **route}
        if authorizer := record.pop("authorizer", None):
            record["authorizerId"] = _id(api_id, "authorizer", authorizer)
        apigateway._routes.setdefault(api_id, {})[record["routeId"]] = record
