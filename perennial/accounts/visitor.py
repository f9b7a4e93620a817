"""From where a visitor comes: one answer for limits, evidence and logs."""

from ipaddress import IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest


def ip_of(request: HttpRequest) -> str | None:
    """The visitor's address. Behind a reverse proxy the last that the proxy wrote down; what stands before that the
    visitor may have written. None where there is none, or where it is no address.
    """
    address = request.META.get("REMOTE_ADDR") or ""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if proxies and len(forwarded) >= proxies:
        address = forwarded[-proxies]
    try:
        return str(ip_address(address))
    except ValueError:
        return None


def household_of(request: HttpRequest) -> str:
    """Whom a limit holds for: the address, of IPv6 the /64 that one household gets; one for all of nobody known."""
    address = ip_of(request)
    if address is None:
        return "unknown"
    if ":" in address:
        return str(IPv6Network(f"{address}/64", strict=False).network_address)
    return address
