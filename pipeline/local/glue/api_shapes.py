"""Turns the properties of a CloudFormation resource into the input of a service's API.

Templates spell members in PascalCase and write numbers and booleans as they like; the API's own
model (botocore's) says how it spells a member, and what a map's own keys are.
"""

import functools
import json

import botocore.session


def to_input(service, operation, props):
    """The JSON input of an operation. A property that the API does not have keeps its value, under
    its name in camelCase, for the service to refuse."""
    return _structure(_model(service).operation_model(operation).input_shape, props)


@functools.cache
def _model(service):
    return botocore.session.get_session().get_service_model(service)


def _convert(shape, value):
    return _CONVERSIONS.get(shape.type_name, lambda _, value: value)(shape, value)


def _structure(shape, value):
    if not isinstance(value, dict):
        return value
    members = {name.lower(): name for name in shape.members}
    converted = {}
    for key, item in value.items():
        if name := members.get(key.lower()):
            converted[name] = _convert(shape.members[name], item)
        else:
            converted[key[:1].lower() + key[1:]] = item
    return converted


def _list(shape, value):
    if not isinstance(value, list):
        return value
    items = [_convert(shape.member, item) for item in value]
    # CloudFormation's own tags are not the caller's: services refuse the prefix.
    return [item for item in items if not (
        isinstance(item, dict) and str(item.get("key", item.get("Key", ""))).startswith("aws:"))]


def _map(shape, value):
    if isinstance(value, list):  # tags, where the API takes a map
        value = {tag["Key"]: tag["Value"] for tag in value if not tag["Key"].startswith("aws:")}
    return {key: _convert(shape.value, item) for key, item in value.items()}


def _string(shape, value):
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


def _boolean(shape, value):
    return value.lower() == "true" if isinstance(value, str) else value


def _integer(shape, value):
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value


_CONVERSIONS = {"structure": _structure, "list": _list, "map": _map, "string": _string,
                "boolean": _boolean, "integer": _integer, "long": _integer}
