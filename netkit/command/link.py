"""
Network devices: ``ip link``.

Every creating function can say in its one line what marks the device (``group``), where it lives
(``netns``) and what it starts with; an alias cannot be said there, ``ip`` ignores it in silence.
"""

from __future__ import annotations

from netkit.command.command import Command, command, flag, on_off, option
from netkit.command.word import Address, is_ipv6, place
from netkit.errors import UsageError

GRE_KINDS = {(4, 3): "gre", (4, 2): "gretap", (6, 3): "ip6gre", (6, 2): "ip6gretap"}


def add_veth(
    ifname: str,
    peer: str,
    *,
    netns: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
    master: str | None = None,
    up: bool = False,
    peer_netns: str | None = None,
    peer_group: int | None = None,
    peer_mtu: int | None = None,
    peer_address: str | None = None,
) -> Command:
    """
    Build the command that creates a veth pair, both ends complete.

    The peer cannot be created up: it is not connected yet, and ``ip`` fails.

    Equivalent to: ``ip link add name IFNAME ... type veth peer name PEER ... netns PEER_NETNS``

    Args:
        ifname: Name of the near end, at most 15 bytes.
        peer: Name of the far end.
        netns: Where the near end is made; the namespace of the command when omitted.
        group: Device group of the near end.
        mtu: Bytes, 68 to 65535; 1500 when omitted.
        address: MAC address of the near end; a random one when omitted.
        master: The bridge it becomes a port of.
        up: Bring the near end up in the same line.
        peer_netns: Where the far end is made; beside the near end when omitted.
        peer_group: Device group of the far end.
        peer_mtu: Bytes; 1500 when omitted.
        peer_address: MAC address of the far end; a random one when omitted.

    Source: ip-link(8), "VETH, VXCAN Type Support"; veth(4).
    """
    return command(
        "ip", "link", "add", "name", ifname, *_home(netns),
        *_born(group=group, mtu=mtu, address=address, master=master, up=up),
        "type", "veth", "peer", "name", peer,
        *_born(group=peer_group, mtu=peer_mtu, address=peer_address),
        *_home(peer_netns),
    )  # fmt: skip


def add_bridge(
    ifname: str,
    *,
    stp: bool | None = None,
    vlan_filtering: bool | None = None,
    ageing_time: float | None = None,
    forward_delay: float | None = None,
    mcast_snooping: bool | None = None,
    netns: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
    up: bool = False,
) -> Command:
    """
    Build the command that creates a bridge.

    Equivalent to: ``ip link add name IFNAME type bridge ...``

    Args:
        ifname: Device name, at most 15 bytes.
        stp: Run the spanning tree protocol; off when omitted.
        vlan_filtering: Keep VLANs apart by ``bridge vlan``; off when omitted.
        ageing_time: Seconds a learned address is kept; 300 when omitted.
        forward_delay: Seconds in each of the two states before forwarding; 15 when omitted.
        mcast_snooping: Watch group memberships; on when omitted.
        netns: Where it is made; the namespace of the command when omitted.
        group: Device group.
        mtu: Bytes; follows the smallest of its ports when omitted.
        address: MAC address; that of a port when omitted.
        up: Bring it up in the same line; a bridge with many ports is faster brought up last.

    Source: ip-link(8), "BRIDGE Type Support".
    """
    return command(
        "ip", "link", "add", "name", ifname, *_home(netns),
        *_born(group=group, mtu=mtu, address=address, up=up), "type", "bridge",
        *_bridge(
            stp=stp, vlan_filtering=vlan_filtering, ageing_time=ageing_time,
            forward_delay=forward_delay, mcast_snooping=mcast_snooping,
        ),
    )  # fmt: skip


def add_vxlan(
    ifname: str,
    *,
    vni: int,
    local: Address | None = None,
    remote: Address | None = None,
    multicast: Address | None = None,
    dev: str | None = None,
    dstport: int = 4789,
    ttl: int | str | None = None,
    tos: int | str | None = None,
    learning: bool = True,
    proxy: bool = False,
    l2miss: bool = False,
    l3miss: bool = False,
    netns: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
    master: str | None = None,
    up: bool = False,
) -> Command:
    """
    Build the command that creates a VXLAN tunnel endpoint.

    Its UDP socket stays in the namespace of the command for good; the device lives in ``netns``.

    Equivalent to: ``ip link add name IFNAME netns NETNS type vxlan id VNI dstport PORT ...``

    Args:
        ifname: Device name, at most 15 bytes.
        vni: Network identifier, 24 bits: 0 to 16777215.
        local: VTEP source address; the kernel picks one when omitted.
        remote: The one other VTEP; several are ``fdb`` entries.
        multicast: The group that finds the other VTEPs; instead of ``remote``.
        dev: The underlay device; required with ``multicast``.
        dstport: UDP port. 4789 is IANA's; the kernel's own default is 8472.
        ttl: Of the outer packet, 1 to 255 or ``inherit``; the kernel's choice when omitted.
        tos: Of the outer packet, or ``inherit``.
        learning: Fill the FDB from what arrives; an overlay, which fills it itself, says no.
        proxy: Answer ARP and neighbour solicitations from the neighbour table.
        l2miss: Tell user space of a MAC address that is not known.
        l3miss: Tell user space of an IP address that is not known.
        netns: Where the device lives; the namespace of the command when omitted.
        group: Device group.
        mtu: Bytes; underlay - 50 (IPv4) or - 70 (IPv6) when ``dev`` is given, else 1500.
        address: MAC address; a random one when omitted.
        master: The bridge it becomes a port of.
        up: Bring it up in the same line.

    Raises:
        UsageError: Both ``remote`` and ``multicast``, or the latter without ``dev``.

    Source: ip-link(8), "VXLAN Type Support"; RFC 7348 section 5.
    """
    if multicast is not None and (remote is not None or dev is None):
        raise UsageError(
            f"vxlan {ifname}: multicast {multicast} excludes remote and needs dev",
            hint="say either the one remote, or the group and the underlay device",
        )
    return command(
        "ip", "link", "add", "name", ifname, *_home(netns),
        *_born(group=group, mtu=mtu, address=address, master=master, up=up),
        "type", "vxlan", "id", vni,
        *option("local", local), *option("remote", remote), *option("group", multicast),
        *option("dev", dev), "dstport", dstport, *option("ttl", ttl), *option("tos", tos),
        *flag("nolearning", not learning), *flag("proxy", proxy),
        *flag("l2miss", l2miss), *flag("l3miss", l3miss),
    )  # fmt: skip


def add_vlan(
    ifname: str,
    *,
    parent: str,
    vid: int,
    protocol: str | None = None,
    netns: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
    master: str | None = None,
    up: bool = False,
) -> Command:
    """
    Build the command that creates an 802.1Q device.

    Equivalent to: ``ip link add link PARENT name IFNAME type vlan id VID``

    Args:
        ifname: Device name, at most 15 bytes.
        parent: The device whose tagged frames it takes.
        vid: VLAN identifier, 1 to 4094.
        protocol: ``802.1Q`` when omitted, or ``802.1ad``.
        netns: Where the device lives; with the command, and with the parent, when omitted.
        group: Device group.
        mtu: Bytes, at most the parent's; the parent's when omitted.
        address: MAC address; the parent's when omitted.
        master: The bridge it becomes a port of.
        up: Bring it up in the same line.

    Source: ip-link(8), "VLAN Type Support"; IEEE 802.1Q.
    """
    return command(
        "ip", "link", "add", "link", parent, "name", ifname, *_home(netns),
        *_born(group=group, mtu=mtu, address=address, master=master, up=up),
        "type", "vlan", *option("protocol", protocol), "id", vid,
    )  # fmt: skip


def add_macvlan(
    ifname: str,
    *,
    parent: str,
    mode: str = "bridge",
    netns: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
    master: str | None = None,
    up: bool = False,
) -> Command:
    """
    Build the command that creates a device with a MAC address of its own on another's wire.

    Equivalent to: ``ip link add link PARENT name IFNAME type macvlan mode MODE``

    Args:
        ifname: Device name, at most 15 bytes.
        parent: The device on the wire; never reachable from its macvlans.
        mode: ``bridge``, ``private``, ``vepa`` or ``passthru`` (one to a parent).
        netns: Where the device lives; with the command, and with the parent, when omitted.
        group: Device group.
        mtu: Bytes, at most the parent's; the parent's when omitted.
        address: MAC address; a random one when omitted.
        master: The bridge it becomes a port of.
        up: Bring it up in the same line.

    Raises:
        UsageError: An unknown mode.

    Source: ip-link(8), "MACVLAN and MACVTAP Type Support".
    """
    _one_of("macvlan mode", mode, ("bridge", "private", "vepa", "passthru"))
    return command(
        "ip", "link", "add", "link", parent, "name", ifname, *_home(netns),
        *_born(group=group, mtu=mtu, address=address, master=master, up=up),
        "type", "macvlan", "mode", mode,
    )  # fmt: skip


def add_ipvlan(
    ifname: str,
    *,
    parent: str,
    mode: str = "l2",
    flags: str | None = None,
    netns: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    up: bool = False,
) -> Command:
    """
    Build the command that creates a device which shares its parent's MAC address.

    Equivalent to: ``ip link add link PARENT name IFNAME type ipvlan mode MODE``

    Args:
        ifname: Device name, at most 15 bytes.
        parent: The device on the wire.
        mode: ``l2``, ``l3`` or ``l3s`` (l3, and iptables of the parent's namespace see it).
        flags: ``bridge`` when omitted, ``private`` or ``vepa``.
        netns: Where the device lives; with the command, and with the parent, when omitted.
        group: Device group.
        mtu: Bytes; the parent's when omitted.
        up: Bring it up in the same line.

    Raises:
        UsageError: An unknown mode or flag.

    Source: ip-link(8), "IPVLAN and IPVTAP Type Support".
    """
    _one_of("ipvlan mode", mode, ("l2", "l3", "l3s"))
    _one_of("ipvlan flag", flags, (None, "bridge", "private", "vepa"))
    return command(
        "ip", "link", "add", "link", parent, "name", ifname, *_home(netns),
        *_born(group=group, mtu=mtu, up=up),
        "type", "ipvlan", "mode", mode, *(() if flags is None else (flags,)),
    )  # fmt: skip


def add_dummy(
    ifname: str,
    *,
    netns: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
    master: str | None = None,
    up: bool = False,
) -> Command:
    """
    Build the command that creates a device which drops all it is given.

    Equivalent to: ``ip link add name IFNAME type dummy``

    Args:
        ifname: Device name, at most 15 bytes.
        netns: Where it is made; the namespace of the command when omitted.
        group: Device group.
        mtu: Bytes; 1500 when omitted.
        address: MAC address; a random one when omitted.
        master: The bridge it becomes a port of.
        up: Bring it up in the same line.

    Source: ip-link(8), "TYPE".
    """
    return _simple(
        ifname, "dummy", netns=netns, group=group, mtu=mtu, address=address, master=master, up=up
    )


def add_ifb(
    ifname: str,
    *,
    netns: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
    up: bool = False,
) -> Command:
    """
    Build the command that creates a device on which arriving traffic can be shaped.

    Equivalent to: ``ip link add name IFNAME type ifb``

    Args:
        ifname: Device name, at most 15 bytes.
        netns: Where it is made; the namespace of the command when omitted.
        group: Device group.
        mtu: Bytes; 1500 when omitted.
        address: MAC address; a random one when omitted.
        up: Bring it up in the same line.

    Source: ip-link(8), "TYPE"; tc-mirred(8).
    """
    return _simple(ifname, "ifb", netns=netns, group=group, mtu=mtu, address=address, up=up)


def add_wireguard(
    ifname: str,
    *,
    netns: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    up: bool = False,
) -> Command:
    """
    Build the command that creates a WireGuard device; its keys and peers are wg(8)'s.

    Its UDP socket stays in the namespace of the command for good; the device lives in ``netns``.

    Equivalent to: ``ip link add name IFNAME type wireguard``

    Args:
        ifname: Device name, at most 15 bytes.
        netns: Where the device lives; the namespace of the command when omitted.
        group: Device group.
        mtu: Bytes; 1420 when omitted.
        up: Bring it up in the same line.

    Source: ip-link(8), "TYPE"; wg(8).
    """
    return _simple(ifname, "wireguard", netns=netns, group=group, mtu=mtu, up=up)


def add_vrf(
    ifname: str,
    *,
    table: int | str,
    netns: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
    up: bool = False,
) -> Command:
    """
    Build the command that creates a routing domain, the master of the devices that belong to it.

    Equivalent to: ``ip link add name IFNAME type vrf table TABLE``

    Args:
        ifname: Device name, at most 15 bytes.
        table: Its routing table: a number, or a name of rt_tables.
        netns: Where it is made; the namespace of the command when omitted.
        group: Device group.
        mtu: Bytes; 65575 when omitted.
        address: MAC address; a random one when omitted.
        up: Bring it up in the same line.

    Source: ip-link(8), "VRF Type Support"; Documentation/networking/vrf.rst.
    """
    return _simple(
        ifname, "vrf", "table", table,
        netns=netns, group=group, mtu=mtu, address=address, up=up,
    )  # fmt: skip


def add_bond(
    ifname: str,
    *,
    mode: str = "balance-rr",
    miimon: int | None = None,
    netns: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
    master: str | None = None,
    up: bool = False,
) -> Command:
    """
    Build the command that creates one device out of several links.

    Equivalent to: ``ip link add name IFNAME type bond mode MODE miimon MS``

    Args:
        ifname: Device name, at most 15 bytes.
        mode: ``balance-rr``, ``active-backup``, ``balance-xor``, ``broadcast``, ``802.3ad``,
            ``balance-tlb`` or ``balance-alb``.
        miimon: Milliseconds between two looks at the carrier of its members; 0 is never.
        netns: Where it is made; the namespace of the command when omitted.
        group: Device group.
        mtu: Bytes; 1500 when omitted.
        address: MAC address; that of the first member when omitted.
        master: The bridge it becomes a port of.
        up: Bring it up in the same line.

    Source: ip-link(8), "BOND Type Support"; Documentation/networking/bonding.rst.
    """
    return _simple(
        ifname, "bond", "mode", mode, *option("miimon", miimon),
        netns=netns, group=group, mtu=mtu, address=address, master=master, up=up,
    )  # fmt: skip


def add_gre(
    ifname: str,
    *,
    local: Address,
    remote: Address,
    layer: int = 3,
    key: int | None = None,
    ttl: int | str | None = None,
    dev: str | None = None,
    netns: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
    master: str | None = None,
    up: bool = False,
) -> Command:
    """
    Build the command that creates a GRE tunnel: gre, gretap, ip6gre or ip6gretap.

    Equivalent to: ``ip link add name IFNAME type gre local LOCAL remote REMOTE key KEY ttl TTL``

    Args:
        ifname: Device name, at most 15 bytes.
        local: This end's address; its family is the tunnel's.
        remote: The other end's address.
        layer: 3 carries packets, 2 carries Ethernet frames (gretap).
        key: 32 bits that tell tunnels between the same two apart.
        ttl: Of the outer packet, 1 to 255 or ``inherit`` (IPv4 when omitted; 64 for IPv6).
        dev: The underlay device.
        netns: Where the device lives; the namespace of the command when omitted.
        group: Device group.
        mtu: Bytes; 1476 when omitted, less with a key or over IPv6.
        address: MAC address (layer 2); a random one when omitted.
        master: The bridge it becomes a port of (layer 2).
        up: Bring it up in the same line.

    Raises:
        UsageError: Ends of different families, or a layer other than 2 and 3.

    Source: ip-link(8), "GRE, IPIP, SIT Type Support" and "IP6GRE/IP6GRETAP"; RFC 2784, RFC 2890.
    """
    if is_ipv6(local) != is_ipv6(remote):
        raise UsageError(f"gre {ifname}: {local} and {remote} are not of one family")
    _one_of("gre layer", layer, (2, 3))
    return _simple(
        ifname, GRE_KINDS[6 if is_ipv6(local) else 4, layer], "local", local, "remote", remote,
        *option("key", key), *option("ttl", ttl), *option("dev", dev),
        netns=netns, group=group, mtu=mtu, address=address, master=master, up=up,
    )  # fmt: skip


def delete(ifname: str) -> Command:
    """
    Build the command that deletes a device, and all that goes with it.

    Equivalent to: ``ip link delete dev IFNAME``

    Args:
        ifname: Device name; either end stands for a veth pair.

    Source: ip-link(8), "ip link delete".
    """
    return command("ip", "link", "delete", "dev", ifname)


def delete_group(group: int) -> Command:
    """
    Build the command that deletes all devices of a group at once, far faster than one by one.

    It fails (``No such device``) when the group has none.

    Equivalent to: ``ip link delete group GROUP``

    Args:
        group: Device group.

    Source: ip-link(8), "ip link delete".
    """
    return command("ip", "link", "delete", "group", group)


def set(
    ifname: str,
    *,
    netns: str | None = None,
    name: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
    master: str | None = None,
    nomaster: bool = False,
    alias: str | None = None,
    addrgenmode: str | None = None,
    up: bool | None = None,
) -> Command:
    """
    Build the command that changes several attributes of a device in one line.

    Equivalent to: ``ip link set dev IFNAME mtu MTU address MAC master DEV alias TEXT ... up``

    Args:
        ifname: Device name.
        netns: The namespace to move it to, where it arrives down.
        name: New name; the device must be down.
        group: Device group.
        mtu: Bytes.
        address: MAC address.
        master: The bridge, bond or VRF it joins.
        nomaster: Leave the one it is in.
        alias: Text, at most 255 bytes.
        addrgenmode: How its IPv6 link-local address is made: ``eui64``, ``none``,
            ``stable_secret`` or ``random``.
        up: True brings it up, False down.

    Raises:
        UsageError: Nothing to set, or both ``master`` and ``nomaster``.

    Source: ip-link(8), "ip link set".
    """
    if master is not None and nomaster:
        raise UsageError(f"{ifname}: master {master} excludes nomaster")
    words = (
        *_home(netns), *option("name", name), *option("group", group),
        *option("mtu", mtu), *option("address", address),
        *option("master", master), *flag("nomaster", nomaster),
        *option("alias", alias), *option("addrgenmode", addrgenmode),
        *(() if up is None else ("up" if up else "down",)),
    )  # fmt: skip
    if not words:
        raise UsageError(f"{ifname}: nothing to set")
    return command("ip", "link", "set", "dev", ifname, *words)


def set_up(ifname: str) -> Command:
    """
    Build the command that brings a device up.

    Equivalent to: ``ip link set dev IFNAME up``

    Args:
        ifname: Device name.

    Source: ip-link(8), "ip link set".
    """
    return command("ip", "link", "set", "dev", ifname, "up")


def set_master(ifname: str, master: str) -> Command:
    """
    Build the command that makes a device a port of a bridge, or a member of a bond or VRF.

    Equivalent to: ``ip link set dev IFNAME master MASTER``

    Args:
        ifname: Device name.
        master: The bridge, bond or VRF.

    Source: ip-link(8), "ip link set".
    """
    return command("ip", "link", "set", "dev", ifname, "master", master)


def set_nomaster(ifname: str) -> Command:
    """
    Build the command that takes a device out of its bridge, bond or VRF.

    Equivalent to: ``ip link set dev IFNAME nomaster``

    Args:
        ifname: Device name.

    Source: ip-link(8), "ip link set".
    """
    return command("ip", "link", "set", "dev", ifname, "nomaster")


def set_netns(ifname: str, netns: str, *, name: str | None = None) -> Command:
    """
    Build the command that moves a device to another namespace, where it arrives down.

    Equivalent to: ``ip link set dev IFNAME netns NETNS name NAME``

    Args:
        ifname: Device name.
        netns: A name under /run/netns, or the absolute path of a namespace file. A number would be
            taken for a process, and is refused.
        name: The name it has there; the same when omitted.

    Raises:
        UsageError: The namespace is a number.

    Source: ip-link(8), "ip link set".
    """
    return command("ip", "link", "set", "dev", ifname, *_home(netns), *option("name", name))


def move(
    ifname: str,
    *,
    netns: str | None,
    name: str,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
) -> Command:
    """
    Build the command that moves a device to another namespace, as what it is to be there.

    Equivalent to: ``ip link set dev IFNAME group GROUP mtu MTU address MAC netns NETNS name NAME``

    Args:
        ifname: Device name.
        netns: See ``set_netns``; None where it stays.
        name: The name it has there.
        group: Device group.
        mtu: Bytes.
        address: MAC address.

    Raises:
        UsageError: The namespace is a number.

    Source: ip-link(8), "ip link set".
    """
    return command(
        "ip", "link", "set", "dev", ifname, *option("group", group), *option("mtu", mtu),
        *option("address", address), *_home(netns), "name", name,
    )  # fmt: skip


def set_group(ifname: str, group: int) -> Command:
    """
    Build the command that puts a device into a group.

    Equivalent to: ``ip link set dev IFNAME group GROUP``

    Args:
        ifname: Device name.
        group: Device group.

    Source: ip-link(8), "ip link set".
    """
    return command("ip", "link", "set", "dev", ifname, "group", group)


def set_bridge(
    ifname: str,
    *,
    stp: bool | None = None,
    vlan_filtering: bool | None = None,
    ageing_time: float | None = None,
    forward_delay: float | None = None,
    mcast_snooping: bool | None = None,
) -> Command:
    """
    Build the command that changes the options of a bridge.

    Equivalent to: ``ip link set dev IFNAME type bridge stp_state 1 ...``

    Args:
        ifname: Name of the bridge.
        stp: Run the spanning tree protocol.
        vlan_filtering: Keep VLANs apart by ``bridge vlan``.
        ageing_time: Seconds a learned address is kept.
        forward_delay: Seconds in each of the two states before forwarding.
        mcast_snooping: Watch group memberships.

    Raises:
        UsageError: Nothing to set.

    Source: ip-link(8), "BRIDGE Type Support".
    """
    words = _bridge(
        stp=stp,
        vlan_filtering=vlan_filtering,
        ageing_time=ageing_time,
        forward_delay=forward_delay,
        mcast_snooping=mcast_snooping,
    )
    if not words:
        raise UsageError(f"{ifname}: nothing to set")
    return command("ip", "link", "set", "dev", ifname, "type", "bridge", *words)


def set_vxlan(
    ifname: str,
    *,
    vni: int,
    local: Address | None = None,
    multicast: Address | None = None,
    learning: bool | None = None,
    ttl: int | str | None = None,
) -> Command:
    """
    Build the command that changes what may change while a VXLAN device lives.

    Equivalent to: ``ip link set dev IFNAME type vxlan id VNI local ADDRESS ...``

    Args:
        ifname: Device name.
        vni: Its network identifier, which stays.
        local: Source address of the outer packets.
        multicast: Group that everything unknown goes to.
        learning: Fill the FDB from what arrives.
        ttl: Of the outer packet; 0 leaves it to the kernel.

    Raises:
        UsageError: Nothing to set.

    Source: ip-link(8), "VXLAN Type Support".
    """
    words = (
        *option("local", local), *option("group", multicast), *option("ttl", ttl),
        *(() if learning is None else ("learning" if learning else "nolearning",)),
    )  # fmt: skip
    if not words:
        raise UsageError(f"{ifname}: nothing to set")
    return command("ip", "link", "set", "dev", ifname, "type", "vxlan", "id", vni, *words)


def set_port(
    ifname: str,
    *,
    isolated: bool | None = None,
    hairpin: bool | None = None,
    learning: bool | None = None,
    flood: bool | None = None,
    mcast_flood: bool | None = None,
    guard: bool | None = None,
    neigh_suppress: bool | None = None,
    cost: int | None = None,
    priority: int | None = None,
) -> Command:
    """
    Build the command that changes the options of a bridge's port.

    Said with ``ip link`` and not with ``bridge link``, since it then goes into the same batch as
    the line that made the port.

    Equivalent to: ``ip link set dev IFNAME type bridge_slave isolated on ...``

    Args:
        ifname: Name of the port.
        isolated: Isolated ports do not reach one another.
        hairpin: Send a frame back out of the port it came from.
        learning: Learn addresses on it.
        flood: Send frames to it whose destination is not known.
        mcast_flood: The same for multicast.
        guard: Refuse the spanning tree's messages.
        neigh_suppress: Answer ARP and neighbour solicitations in its place.
        cost: Spanning tree path cost, 1 to 65535.
        priority: Spanning tree priority, 0 to 63.

    Raises:
        UsageError: Nothing to set.

    Source: ip-link(8), "ip link set ... type bridge_slave"; bridge(8), "bridge link set".
    """
    words = (
        *on_off("isolated", isolated), *on_off("hairpin", hairpin),
        *on_off("learning", learning), *on_off("flood", flood),
        *on_off("mcast_flood", mcast_flood), *on_off("guard", guard),
        *on_off("neigh_suppress", neigh_suppress),
        *option("cost", cost), *option("priority", priority),
    )  # fmt: skip
    if not words:
        raise UsageError(f"{ifname}: nothing to set")
    return command("ip", "link", "set", "dev", ifname, "type", "bridge_slave", *words)


def show(
    ifname: str | None = None, *, kind: str | None = None, group: int | None = None
) -> Command:
    """
    Build the question for devices, all or some.

    Equivalent to: ``ip -details -json link show dev IFNAME``

    Args:
        ifname: One device.
        kind: Those of one type.
        group: Those of one group.

    Source: ip-link(8), "ip link show".
    """
    return command(
        "ip", "link", "show",
        *option("dev", ifname), *option("group", group), *option("type", kind),
        options=("-details", "-json"),
    )  # fmt: skip


def _simple(
    ifname: str,
    kind: str,
    *words: object,
    netns: str | None = None,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
    master: str | None = None,
    up: bool = False,
) -> Command:
    return command(
        "ip", "link", "add", "name", ifname, *_home(netns),
        *_born(group=group, mtu=mtu, address=address, master=master, up=up),
        "type", kind, *words,
    )  # fmt: skip


def _home(netns: str | None) -> tuple[str, ...]:
    if netns is None:
        return ()
    if netns.isdigit():
        raise UsageError(
            f"ip takes {netns!r} for a process, not for a namespace",
            hint=f"of a process: /proc/{netns}/ns/net; of that name: /run/netns/{netns}",
        )
    return ("netns", place(netns))


def _born(
    *,
    group: int | None = None,
    mtu: int | None = None,
    address: str | None = None,
    master: str | None = None,
    up: bool = False,
) -> list[object]:
    words: list[object] = []
    if group is not None:
        words += ("group", group)
    if mtu is not None:
        words += ("mtu", mtu)
    if address is not None:
        words += ("address", address)
    if master is not None:
        words += ("master", master)
    if up:
        words.append("up")
    return words


def _bridge(
    *,
    stp: bool | None,
    vlan_filtering: bool | None,
    ageing_time: float | None,
    forward_delay: float | None,
    mcast_snooping: bool | None,
) -> tuple[str, ...]:
    return (
        *_digit("stp_state", stp), *_digit("vlan_filtering", vlan_filtering),
        *_hundredths("ageing_time", ageing_time), *_hundredths("forward_delay", forward_delay),
        *_digit("mcast_snooping", mcast_snooping),
    )  # fmt: skip


def _digit(name: str, value: bool | None) -> tuple[str, ...]:
    return () if value is None else (name, "1" if value else "0")


def _hundredths(name: str, seconds: float | None) -> tuple[str, ...]:
    # ip hands these on as they are, in the kernel's 1/100 s, whatever ip-link(8) says of seconds.
    return () if seconds is None else (name, str(round(seconds * 100)))


def _one_of(what: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        said = ", ".join(str(each) for each in allowed if each is not None)
        raise UsageError(f"{what} {value!r}", hint=f"one of {said}")
