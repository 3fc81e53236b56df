"""Calls for one alias take the permission for it.

Gap: MiniStack asks for lambda:ListAliases when an alias is read, changed or deleted: a role that may do just that could
not. On AWS each has an action of its own, authorized on the function.
Leans on: _lambda_action of core/iam_actions.py.
"""

import re

from ministack.core import iam_actions

_ONE = re.compile(r"/[^/]+/functions/[^/]+/aliases/[^/]+/?")
_ACTIONS = {"GET": "GetAlias", "PUT": "UpdateAlias", "DELETE": "DeleteAlias"}


def apply():
    lambda_action = iam_actions._lambda_action

    def action(method, path):
        if _ONE.fullmatch(path) and method in _ACTIONS:
            return _ACTIONS[method]
        return lambda_action(method, path)

    iam_actions._lambda_action = action
