"""From where a visitor comes: one answer for limits, evidence and logs."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest


def ip_of(request: HttpRequest) -> str | None:
    """The visitor's address; None where there is none, or where it is no address.

    What a proxy of ours says is believed (`PERENNIAL_TRUSTED_PROXIES`): from the right, the first address that is none
    of them. Whatever stands before that the visitor may have written.
    """
    forwarded = [part for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    address = None
    for part in reversed([*forwarded, request.META.get("REMOTE_ADDR") or ""]):
        address = _address(part)
        if address is None or not any(address in network for network in settings.PERENNIAL_TRUSTED_PROXIES):
            break
    return str(address) if address else None


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    # A server that listens on both kinds writes an address of the fourth version within one of the sixth.
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def household_of(request: HttpRequest) -> str:
    """Whom a limit holds for: the address, of IPv6 the /64 that one household gets; one for all of nobody known."""
    address = ip_of(request)
    if address is None:
        return "unknown"
    if ":" in address:
        return str(IPv6Network(f"{address}/64", strict=False).network_address)
    return address
