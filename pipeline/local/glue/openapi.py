"""Reads the OpenAPI definition of an HTTP API with API Gateway's extensions."""

from typing import NamedTuple

_METHODS = {"get", "put", "post", "delete", "options", "head", "patch"}
_ANY = "x-amazon-apigateway-any-method"


class Definition(NamedTuple):
    routes: dict  # route key -> (record of the route, record of its integration)
    authorizers: dict  # name -> record


def imported(body):
    """The routes and authorizers of a definition. Raises ValueError for what is not supported."""
    body = body or {}
    if body and not str(body.get("openapi", "")).startswith("3.0"):
        raise ValueError("An HTTP API is defined by an OpenAPI 3.0 document: Body has no `openapi: 3.0.x`.")
    schemes = body.get("components", {}).get("securitySchemes", {})
    authorizers = {name: _authorizer(name, scheme["x-amazon-apigateway-authorizer"])
                   for name, scheme in schemes.items() if "x-amazon-apigateway-authorizer" in scheme}
    routes = {}
    for path, item in body.get("paths", {}).items():
        for method, operation in item.items():
            if method != _ANY and method.lower() not in _METHODS:
                continue
            key = "$default" if path.strip("/") == "$default" else f"{'ANY' if method == _ANY else method.upper()} {path}"
            if "x-amazon-apigateway-integration" not in operation:
                raise ValueError(f"Route {key} has no x-amazon-apigateway-integration.")
            routes[key] = (_route(operation, operation.get("security", body.get("security")), authorizers),
                           _integration(key, operation["x-amazon-apigateway-integration"]))
    return Definition(routes, authorizers)


def _route(operation, security, authorizers):
    route = {"authorizationType": "NONE", "authorizerId": None, "authorizationScopes": [],
             "apiKeyRequired": False, "operationName": operation.get("operationId", ""),
             "requestModels": {}, "requestParameters": {},
             "modelSelectionExpression": None, "routeResponseSelectionExpression": None}
    for requirement in security or []:
        for name, scopes in requirement.items():
            if name == "NONE":  # SAM's mark for a route without the default authorizer; AWS knows no such scheme
                return route
            if name not in authorizers:
                raise ValueError(f"Security scheme {name} has no x-amazon-apigateway-authorizer.")
            kind = "JWT" if authorizers[name]["authorizerType"] == "JWT" else "CUSTOM"
            return {**route, "authorizationType": kind, "authorizer": name, "authorizationScopes": scopes}
    return route


def _integration(key, extension):
    kind = str(extension.get("type", "")).upper()
    if kind not in ("AWS_PROXY", "HTTP_PROXY"):
        raise ValueError(f"Route {key} has an integration of type {kind or '(none)'}: use AWS_PROXY or HTTP_PROXY.")
    return {"integrationType": kind, "integrationUri": extension["uri"],
            "integrationMethod": extension.get("httpMethod", "POST"),
            "payloadFormatVersion": str(extension.get("payloadFormatVersion", "1.0")),
            "timeoutInMillis": int(extension.get("timeoutInMillis", 30000)),
            "connectionType": extension.get("connectionType", "INTERNET"),
            "connectionId": extension.get("connectionId", ""),
            "description": extension.get("description", ""),
            "requestParameters": extension.get("requestParameters", {}), "requestTemplates": {},
            "responseParameters": extension.get("responseParameters", {}), "contentHandlingStrategy": None}


def _authorizer(name, extension):
    kind = str(extension.get("type", "")).upper()
    if kind not in ("JWT", "REQUEST"):
        raise ValueError(f"Authorizer {name} is of type {kind or '(none)'}: use jwt or request.")
    jwt, source = extension.get("jwtConfiguration", {}), extension.get("identitySource", "$request.header.Authorization")
    return {"authorizerType": kind,
            "identitySource": source if isinstance(source, list) else [part.strip() for part in source.split(",")],
            "jwtConfiguration": {"issuer": jwt.get("issuer", ""), "audience": jwt.get("audience", [])},
            "authorizerUri": extension.get("authorizerUri", ""),
            "authorizerPayloadFormatVersion": str(extension.get("authorizerPayloadFormatVersion", "2.0")),
            "authorizerResultTtlInSeconds": int(extension.get("authorizerResultTtlInSeconds", 300)),
            "enableSimpleResponses": bool(extension.get("enableSimpleResponses", False)),
            "authorizerCredentialsArn": extension.get("authorizerCredentials", "")}
