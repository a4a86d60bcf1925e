"""One HTTP server, asked politely and believed little.

A reply is read up to a bound of bytes and of seconds, unpacked by nobody, and follows no redirect.
No cookie is kept, no proxy used but a declared one. What is said of the server in a message names
its address without query, user or password.
"""

import asyncio
import json
import math
import re
import socket
import ssl
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from palimpsest.runtime.errors import UserError

Json = dict[str, Any]  # an object of the protocol
LONGEST_RETRY_AFTER_SECONDS = 600.0  # a server that wants more is asked again too early
REFUSED_BY_PROXY = re.compile(r"4[0-9]{2}\b")  # 5xx: it cannot reach the server, now
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}


class Reply(NamedTuple):
    """What came of a request to a server.

    status: 0 where there was none. body: whole, unless there is a problem. problem: why there is no
    whole reply, in one word. detail: more of it, for a message. wait: seconds that the server wants
    us to wait. location: where a redirect points, without secrets.
    """

    status: int
    body: bytes = b""
    problem: str = ""
    detail: str = ""
    wait: float = 0.0
    location: str = ""


class Server:
    """A server at a URL, or at a Unix socket that is a secret of this user's."""

    def __init__(
        self,
        url: str,
        timeout: float,
        concurrency: int,
        headers: Json | None = None,
        ca_file: str | None = None,
        unix_socket: Path | None = None,
        proxy: str | None = None,
    ) -> None:
        """url: of an LLM file, which has been checked. ca_file, proxy: see `LlmEngine`.

        Raises UserError when the certificates cannot be read.
        """
        parts = urlsplit(url)
        self.timeout, self.concurrency = timeout, concurrency
        self.name = shown(url)
        self.base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self.query = f"?{parts.query}" if parts.query else ""
        # Where nothing is encrypted no certificates are read, which takes a while.
        verify: ssl.SSLContext | bool = "https" in (parts.scheme, urlsplit(proxy or "").scheme)
        if verify and ca_file:
            verify = _trusting(ca_file)
        self.client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(
                verify=verify,
                trust_env=False,
                limits=httpx.Limits(
                    max_connections=concurrency, max_keepalive_connections=concurrency
                ),
                uds=None if unix_socket is None else str(unix_socket),
                proxy=_proxy(proxy, verify),
            ),
            headers={**HEADERS, **(headers or {})},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=None,  # the whole is bounded, not its parts
            # What a request passes through is declared: proxies of the environment do not count.
            trust_env=False,
            follow_redirects=False,
        )

    async def post(self, path: str, body: Json, most_bytes: int) -> Reply:
        """Send an object, and read a reply of at most so many bytes. Raises nothing."""
        content = json.dumps(body, allow_nan=False).encode()
        headers = {"Content-Type": "application/json"}
        return await self._asked("POST", path, most_bytes, content=content, headers=headers)

    async def get(self, path: str, most_bytes: int, seconds: float) -> Reply:
        """Ask for what lies at a path. Raises nothing."""
        return await self._asked("GET", path, most_bytes, seconds=seconds)

    async def _asked(
        self, method: str, path: str, most_bytes: int, seconds: float = math.inf, **given: Any
    ) -> Reply:
        try:
            async with asyncio.timeout(min(self.timeout, seconds)):
                request = self.client.build_request(
                    method, f"{self.base}{path}{self.query}", **given
                )
                response = await self.client.send(request, stream=True)
                try:
                    return await _read(response, most_bytes)
                finally:
                    await response.aclose()
        except TimeoutError:
            return Reply(0, problem="timeout", detail=f"nothing whole within {self.timeout:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            return _broken(error)


async def _read(response: httpx.Response, most_bytes: int) -> Reply:
    headers, status = response.headers, response.status_code
    wait = retry_after(headers.get("Retry-After", ""))
    location = shown(headers.get("Location", ""))
    if headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        # Unpacked it could be of any size; we said that we take it as it is.
        return Reply(status, problem="encoded_body", wait=wait, location=location)
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > most_bytes:
            return Reply(status, problem="answer_too_large", wait=wait, location=location)
    return Reply(status, bytes(body), wait=wait, location=location)


def _broken(error: Exception) -> Reply:
    """A connection that failed, by what made it fail."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, ssl.SSLCertVerificationError):
            return Reply(0, problem="certificate", detail=link.verify_message or "not trusted")
        if isinstance(link, ssl.SSLError):
            return Reply(0, problem="tls", detail=link.reason or "SSLError")
        if isinstance(link, httpx.ProxyError):  # its text is the proxy's: only the status is ours
            status = REFUSED_BY_PROXY.match(str(link))
            if status:
                return Reply(0, problem="proxy", detail=f"status {status[0]}")
            return Reply(0, problem="connection", detail="ProxyError")
        if isinstance(link, socket.gaierror) and link.errno == socket.EAI_NONAME:
            return Reply(0, problem="no_such_host")
        link = link.__cause__ or link.__context__
    return Reply(0, problem="connection", detail=type(error).__name__)


def _proxy(url: str | None, verify: ssl.SSLContext | bool) -> httpx.Proxy | None:
    """A declared proxy; one that is reached by TLS is believed by the server's certificates."""
    if url is None:
        return None
    encrypted = urlsplit(url).scheme == "https"
    context = verify if isinstance(verify, ssl.SSLContext) else httpx.create_ssl_context()
    return httpx.Proxy(url, ssl_context=context if encrypted else None)


def _trusting(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError as error:
        raise UserError(
            f"ca_file: {ca_file} has no certificates; expected a PEM file with those of the CA"
        ) from error
    except OSError as error:
        raise UserError(
            f"ca_file: {ca_file} cannot be read ({type(error).__name__}); expected a PEM file"
        ) from error


def shown(url: str) -> str:
    """A URL as messages may name it: without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "a malformed address"
    host = f"[{host}]" if ":" in host else host
    place = f"{host}:{port}" if port else host
    text = f"{parts.scheme}://{place}{parts.path}" if place else parts.path
    return text[:200] if text.isprintable() else "a malformed address"


def retry_after(header: str) -> float:
    """Seconds that a server wants us to wait: it gives them, or a date; 0 for anything else."""
    try:
        seconds = float(header)
    except ValueError:
        try:
            date = parsedate_to_datetime(header)
            # `-0000` says that the zone is not known; HTTP has no other than UTC.
            date = date if date.tzinfo else date.replace(tzinfo=UTC)
            seconds = date.timestamp() - time.time()
        except (ValueError, TypeError, IndexError, OverflowError):
            return 0.0
    if math.isnan(seconds):
        return 0.0
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_SECONDS)
