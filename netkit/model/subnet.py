"""
Which addresses of a subnet a host can have, and what lies within it.

Source: RFC 3021 and 6164, for /31 and /127.
"""

from __future__ import annotations

from netkit.model.topology import IPAddress, IPNetwork

POINT_TO_POINT = {4: 31, 6: 127}


def edges(subnet: IPNetwork) -> tuple[IPAddress, ...]:
    """Give the addresses that no host can have: the subnet's own, and of IPv4 the broadcast."""
    if subnet.prefixlen >= POINT_TO_POINT[subnet.version]:
        return ()
    if subnet.version == 6:
        return (subnet.network_address,)
    return (subnet.network_address, subnet.broadcast_address)


def first_host(subnet: IPNetwork) -> IPAddress:
    """Give the first address that a host can have."""
    return subnet[1 if edges(subnet) else 0]


def contains(subnet: IPNetwork, part: IPNetwork) -> bool:
    """Say whether all of a part is in a subnet; of another family nothing is."""
    return subnet.overlaps(part) and part.prefixlen >= subnet.prefixlen
