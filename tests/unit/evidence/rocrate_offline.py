"""Runs rocrate-validator with the terms of RO-Crate from a file, where there is no network.

Run by the validator's own Python: FILE, then its arguments. FILE is JSON: terms by their address,
such as those in `lib/defaults.js` of the npm package ro-crate 3.4.10.
"""

import io
import json
import sys
import urllib.request
import urllib.response
from email.message import Message
from pathlib import Path

import requests

KNOWN = json.loads(Path(sys.argv.pop(1)).read_text(encoding="utf-8"))
of_urllib, of_requests = urllib.request.OpenerDirector.open, requests.Session.request


def opened(self, request, *more, **options):
    url = request if isinstance(request, str) else request.full_url
    if url not in KNOWN:
        return of_urllib(self, request, *more, **options)
    head = Message()
    head["Content-Type"] = "application/ld+json"
    return urllib.response.addinfourl(io.BytesIO(json.dumps(KNOWN[url]).encode()), head, url, 200)


def asked(self, method, url, *more, **options):
    if url not in KNOWN:
        return of_requests(self, method, url, *more, **options)
    answer = requests.Response()
    answer.status_code, answer.url = 200, url
    answer.headers["Content-Type"] = "application/ld+json"
    answer._content = json.dumps(KNOWN[url]).encode()
    return answer


urllib.request.OpenerDirector.open, requests.Session.request = opened, asked

from rocrate_validator.cli import cli  # noqa: E402

cli()
