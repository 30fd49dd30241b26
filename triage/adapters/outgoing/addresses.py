"""Which servers may be called: public ones over https, and the private ones the operator listed.

A URL is judged by the addresses its host resolves to *now*, and the connection is made to exactly these: a name that
resolves to something else a moment later (DNS rebinding) changes nothing, and spellings of an address (decimal, octal,
IPv6 with IPv4 inside) are no concern, because only the resolved address counts.

Source: OWASP Server-Side Request Forgery Prevention Cheat Sheet; ASVS 5.0, 15.3.2 (redirects); special-purpose
addresses as in the IANA registries (RFC 6890), embedded IPv4 as in RFC 4291 (mapped), 3056 (6to4), 4380 (Teredo),
6052 (NAT64).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from triage.errors import OutgoingRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], tuple[str, ...]]
"""All addresses of a host, as text; raises ``OSError`` when there is none."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_RELAY_6TO4 = ipaddress.ip_network("192.88.99.0/24")  # withdrawn by RFC 7526; Python still calls it global
# The metadata services of cloud providers; listing a host must never open them.
_METADATA = frozenset(
    map(ipaddress.ip_address, ("169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200", "192.0.0.192"))
)
_PORTS = {"https": 443, "http": 80}


def resolve(host: str, port: int) -> tuple[str, ...]:
    """All addresses of ``host`` by the system's resolver.

    Raises:
        OSError: there is none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be called, taken apart."""

    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a redirect must not leave."""
        return f"{self.scheme}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be called.

    Attributes:
        private_hosts: ``host`` or ``host:port``, as written in URLs, that may resolve to private addresses and may be
            called over plain http: the operator's own helpdesk, identity provider or webhook receiver.
    """

    private_hosts: frozenset[str] = frozenset()
    resolve: Resolve = field(default=resolve, repr=False)

    def target(self, url: str) -> Target:
        """Take ``url`` apart without asking the network; for settings and forms.

        Raises:
            OutgoingRefused: not https (nor http to a listed host), no host, or a user name in it.
        """
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            raise OutgoingRefused("The URL cannot be read.") from None
        if any(not 32 < ord(character) < 127 for character in url):
            raise OutgoingRefused("The URL must be in its ASCII form, without spaces (xn--… for names, %XX in paths).")
        self._refuse_form(parts, host)
        target = Target(parts.scheme, host, port or _PORTS[parts.scheme])
        if target.scheme != "https" and not self.lists(target):
            raise OutgoingRefused(
                f"The URL of host {host!r} must begin with https:// (or list the host in TRIAGE_PRIVATE_HOSTS)."
            )
        return target

    def addresses(self, target: Target) -> tuple[str, ...]:
        """Where to connect to: every address the host has, each of them allowed.

        Raises:
            OutgoingRefused: one of the addresses is not public (and the host not listed), or a metadata service.
            OSError: the host has no address.
        """
        found = self.resolve(target.host, target.port)
        listed = self.lists(target)
        for text in found:
            if _is_never_called(ipaddress.ip_address(text)):
                raise OutgoingRefused(f"The host {target.host!r} is at an address that is never called.")
            if not (listed or is_public(ipaddress.ip_address(text))):
                raise OutgoingRefused(
                    f"The host {target.host!r} does not resolve to public addresses: list it in TRIAGE_PRIVATE_HOSTS "
                    "if it is a server of your own."
                )
        return found

    def lists(self, target: Target) -> bool:
        """Whether the operator listed the host, with or without its port."""
        return not self.private_hosts.isdisjoint({target.host, f"{target.host}:{target.port}"})

    def _refuse_form(self, parts: SplitResult, host: str) -> None:
        if parts.scheme not in _PORTS:
            raise OutgoingRefused("The URL must begin with https://.")
        if not host:
            raise OutgoingRefused("The URL names no host.")
        if parts.username is not None or parts.password is not None:
            raise OutgoingRefused("The URL must not carry a user name or a password.")


def is_public(address: Address) -> bool:
    """Whether ``address``, and any IPv4 address inside it, belongs to the public internet.

    >>> is_public(ipaddress.ip_address("93.184.215.14")), is_public(ipaddress.ip_address("::ffff:10.0.0.1"))
    (True, False)
    """
    return all(
        part.is_global
        and not (part.is_multicast or part.is_reserved or part.is_link_local or part.is_loopback or part.is_unspecified)
        and not (isinstance(part, ipaddress.IPv6Address) and part.is_site_local)
        and part not in _RELAY_6TO4
        for part in _with_embedded(address)
    )


def _is_never_called(address: Address) -> bool:
    """Whether it is, or carries, the address of a metadata service or of this link alone."""
    return any(part in _METADATA or part.is_link_local for part in _with_embedded(address))


def _with_embedded(address: Address) -> tuple[Address, ...]:
    """The address, or the IPv4 addresses it carries: those are where a gateway would deliver to."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address, address.sixtofour)
    if address.teredo is not None:
        return (address, *address.teredo)
    if address in _NAT64:
        return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    return (address,)
