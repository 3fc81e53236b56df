"""Links that are good for an hour."""

from itsdangerous import BadSignature, URLSafeTimedSerializer

__version__ = "1.4.0"

HOUR = 3600


def make(path, secret):
    return URLSafeTimedSerializer(secret).dumps(path)


def read(link, secret):
    """The path that a link leads to, or None when it is too old or not ours."""
    try:
        return URLSafeTimedSerializer(secret).loads(link, max_age=HOUR)
    except BadSignature:
        return None
