"""
What a plugin of Docker's protocol is asked: a POST with JSON, over the socket it listens on.

Source: docker/docs, "Docker network driver plugins"; moby, libnetwork/docs/ipam.md and
ipams/remote/api.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from netkit.errors import UsageError
from netkit.value import Value

HEADERS = {
    "Accept": "application/vnd.docker.plugins.v1.2+json",
    "Content-Type": "application/json",
}
GATEWAY_WORD = "com.docker.network.gateway"
GATEWAY = {"RequestAddressType": GATEWAY_WORD}
MAC = "com.docker.network.endpoint.macaddress"


class PluginCall(Value, frozen=True):
    """
    One question to a plugin.

    Args:
        plugin: Its name.
        socket: Where it listens, an absolute path.
        method: ``IpamDriver.RequestPool`` and the like.
        body: JSON; empty where there is nothing to say.
    """

    plugin: str
    socket: str
    method: str
    body: str = ""

    @property
    def netns(self) -> None:
        """None: a socket of the file system is the same in every network namespace."""
        return None

    def within(self, netns: str | None) -> PluginCall:
        """Give the step itself, see ``netns``."""
        return self

    def __str__(self) -> str:
        words = ["curl", "--unix-socket", self.socket, "--request", "POST"]
        for name, value in HEADERS.items():
            words += ["--header", f"{name}: {value}"]
        words += ["--data", self.body] if self.body else []
        return shlex.join([*words, f"http://plugin/{self.method}"])


def call(
    plugin: str, socket: str, method: str, said: Mapping[str, object] | None = None
) -> PluginCall:
    """
    Build a call.

    Equivalent to: ``curl --unix-socket SOCKET --request POST --data SAID http://plugin/METHOD``

    Args:
        plugin: Its name.
        socket: Where it listens.
        method: Type and method, with a dot between.
        said: What is said, as plain values.

    Raises:
        UsageError: The socket is no absolute path.

    Source: moby, libnetwork/docs/remote.md; curl(1).
    """
    if not socket.startswith("/") or not socket.isprintable():
        raise UsageError(f"{socket!r} is not the absolute path of a socket")
    return PluginCall(plugin, socket, method, json.dumps(said) if said else "")


def request_pool(
    plugin: str,
    socket: str,
    *,
    space: str,
    pool: str = "",
    sub_pool: str = "",
    options: Mapping[str, str] | None = None,
    ipv6: bool = False,
) -> PluginCall:
    """
    Build the question for a subnet.

    Equivalent to: ``curl --unix-socket SOCKET --data SAID http://plugin/IpamDriver.RequestPool``

    Args:
        plugin: Its name.
        socket: Where it listens.
        space: The address space that the plugin named.
        pool: The subnet that is wanted; empty: the plugin chooses.
        sub_pool: The part of it from which is allotted.
        options: The plugin's own.
        ipv6: Which family is wanted.

    Source: moby, libnetwork/docs/ipam.md, "RequestPool".
    """
    said = {
        "AddressSpace": space,
        "Pool": pool,
        "SubPool": sub_pool,
        "Options": dict(options or {}),
        "V6": ipv6,
    }
    return call(plugin, socket, "IpamDriver.RequestPool", said)


def release_pool(plugin: str, socket: str, *, pool_id: str) -> PluginCall:
    """
    Build the word that a subnet is needed no longer.

    Equivalent to: ``curl --unix-socket SOCKET --data SAID http://plugin/IpamDriver.ReleasePool``

    Args:
        plugin: Its name.
        socket: Where it listens.
        pool_id: What the plugin called the subnet.

    Source: moby, libnetwork/docs/ipam.md, "ReleasePool".
    """
    return call(plugin, socket, "IpamDriver.ReleasePool", {"PoolID": pool_id})


def request_address(
    plugin: str,
    socket: str,
    *,
    pool_id: str,
    address: str = "",
    options: Mapping[str, str] | None = None,
) -> PluginCall:
    """
    Build the question for an address.

    Equivalent to: ``curl --unix-socket SOCKET --data SAID http://plugin/IpamDriver.RequestAddress``

    Args:
        plugin: Its name.
        socket: Where it listens.
        pool_id: What the plugin called the subnet.
        address: The one that is wanted, without prefix; empty: the plugin chooses.
        options: ``GATEWAY``, or the MAC address of who gets it.

    Source: moby, libnetwork/docs/ipam.md, "RequestAddress".
    """
    said = {"PoolID": pool_id, "Address": address, "Options": dict(options or {})}
    return call(plugin, socket, "IpamDriver.RequestAddress", said)


def release_address(plugin: str, socket: str, *, pool_id: str, address: str) -> PluginCall:
    """
    Build the word that an address is needed no longer.

    Equivalent to: ``curl --unix-socket SOCKET --data SAID http://plugin/IpamDriver.ReleaseAddress``

    Args:
        plugin: Its name.
        socket: Where it listens.
        pool_id: What the plugin called the subnet.
        address: The address, without prefix.

    Source: moby, libnetwork/docs/ipam.md, "ReleaseAddress".
    """
    said = {"PoolID": pool_id, "Address": address}
    return call(plugin, socket, "IpamDriver.ReleaseAddress", said)
