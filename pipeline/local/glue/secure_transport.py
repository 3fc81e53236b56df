"""Requests within this machine count as sent over TLS.

Gap: a bucket policy that denies whatever is not sent over TLS (aws:SecureTransport), as good
practice has it on AWS, would lock every role out: the local cloud speaks plain HTTP. It listens on
loopback only, so nothing that the condition guards against can happen.
Leans on: pin_request_origin(source_ip, secure_transport) of core/iam_evaluator.py, as imported by app.py.
"""

from ministack import app


def apply():
    pin = app.pin_request_origin
    app.pin_request_origin = lambda source_ip, _: pin(source_ip, True)
