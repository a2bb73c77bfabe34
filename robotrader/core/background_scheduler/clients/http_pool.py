"""HTTP connections behind one seam: a transport that is made when first needed, and which proxy it goes through."""

from __future__ import annotations

import functools
import ipaddress
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from robotrader.core.errors import ConfigurationError


class HttpPool:
    """Lends one transport to everybody; it is made for the first.

    httpx's own transport does not do for this: its pool gets slower with the square of the requests that wait in it
    (encode/httpcore#1035), and each request takes three times the processor time.

    Args:
        make: makes the transport.
    """

    def __init__(self, make: Callable[[], httpx.AsyncBaseTransport]) -> None:
        self._make = make
        self._transport: httpx.AsyncBaseTransport | None = None
        self._closed = False

    @contextmanager
    def lease(self) -> Iterator[httpx.AsyncBaseTransport]:
        """The transport, for one request.

        Raises:
            RuntimeError: the pool is closed.
            ConfigurationError: the environment names a proxy that cannot be used.
        """
        if self._closed:
            raise RuntimeError("the HTTP pool is closed; make a new client")
        if self._transport is None:
            self._transport = self._make()
        yield self._transport

    async def aclose(self) -> None:
        """Close every connection; closing twice is fine."""
        self._closed = True
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()


def make_pool(base_url: str) -> HttpPool:
    """A pool for one address; nothing is imported, opened or read before the first lease."""
    return HttpPool(functools.partial(make_transport, base_url))


def make_transport(base_url: str) -> httpx.AsyncBaseTransport:
    """The transport for an address.

    Proxies and certificates of the environment are honoured, except that nothing on this machine is asked through a
    proxy.

    Raises:
        ConfigurationError: the environment names a proxy that cannot be used.
    """
    from robotrader.core.background_scheduler.clients.http_transport import HttpTransport

    proxy = proxy_for(base_url)
    if proxy is not None and httpx.URL(proxy).scheme not in {"http", "https"}:
        raise ConfigurationError(
            "the environment names a proxy that is neither http nor https",
            remedy="set HTTPS_PROXY to an http proxy, or name the host in NO_PROXY",
        )
    # loading the certificates takes 30 ms; a plain address needs none
    secure = "https" in {httpx.URL(base_url).scheme, httpx.URL(proxy or "").scheme}
    return HttpTransport(tls=httpx.create_ssl_context() if secure else None, proxy=proxy)


def proxy_for(url: str) -> str | None:
    """The proxy that the environment (HTTPS_PROXY, ALL_PROXY, NO_PROXY, the system's settings) names for an address."""
    target = httpx.URL(url)
    if is_loopback(url) or urllib.request.proxy_bypass(target.host):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(target.scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine: ``localhost`` or a loopback address."""
    host = httpx.URL(url).host
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
