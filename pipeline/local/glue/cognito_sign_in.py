"""E-mail addresses sign in however they are capitalised.

Gap: MiniStack stores a pool's UsernameConfiguration {CaseSensitive: false} and compares names and
addresses exactly. On AWS they are then the same in upper and lower case, at sign-up too.
Leans on: _resolve_user of services/cognito.py, which every operation finds users with.
"""

from ministack.services import cognito


def apply():
    resolve = cognito._resolve_user

    def resolve_user(pool, username):
        user, error = resolve(pool, username)
        if user is None and isinstance(username, str) and not _is_case_sensitive(pool):
            for name, attributes in _names(pool):
                if any(value.casefold() == username.casefold() for value in attributes):
                    return resolve(pool, name)
        return user, error

    cognito._resolve_user = resolve_user


def _is_case_sensitive(pool):
    return str((pool.get("UsernameConfiguration") or {}).get("CaseSensitive", True)).lower() == "true"


def _names(pool):
    """Each user's name with the values that sign it in."""
    aliases = {*(pool.get("UsernameAttributes") or []), *(pool.get("AliasAttributes") or [])}
    for name, user in list(pool["_users"].items()):
        yield name, [name, *(one["Value"] for one in user.get("Attributes", []) if one["Name"] in aliases)]
