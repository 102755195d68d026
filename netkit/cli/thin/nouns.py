"""
Which verbs there are, of what, and an example of each.

A verb is a function that builds commands: its parameters become words, its docstring the help.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from netkit.cli.thin.signature import command_of, summary
from netkit.cli.typed.docstring import told
from netkit.cli.typed.verbs import Group, made
from netkit.value import Value


class Verb(Value, frozen=True):
    """
    One verb of a noun.

    Args:
        name: As typed.
        function: ``MODULE.FUNCTION`` of ``netkit.command``, or of one of ``COMPOSED``.
        example: What may follow ``netkit NOUN VERB``.
        asks: It is a question: the layout of its answer.
    """

    name: str
    function: str
    example: str
    asks: str = ""


COMPOSED = frozenset({"composed", "firewall"})
"""Modules of this package whose functions are verbs."""

# fmt: off
NOUNS: dict[str, tuple[Verb, ...]] = {
    "ns": (
        Verb("add", "netns.add", "con1"),
        Verb("delete", "netns.delete", "con1"),
        Verb("list", "netns.list", "", "ns"),
        Verb("attach", "netns.attach", "con1 4711"),
        Verb("identify", "netns.identify", "4711", "lines"),
        Verb("pids", "netns.pids", "con1", "lines"),
        Verb("set-id", "netns.set_id", "con1 7"),
    ),
    "link": (
        Verb("show", "link.show", "--netns con1", "link"),
        Verb("set", "link.set", "eth0 --mtu 1400 --up"),
        Verb("delete", "link.delete", "veth1"),
        Verb("delete-group", "link.delete_group", "42"),
        Verb("add-veth", "link.add_veth", "h1 eth0 --up --peer-netns con1"),
        Verb("add-bridge", "link.add_bridge", "br0 --up"),
        Verb("add-vxlan", "link.add_vxlan", "vx0 --vni 42 --local 192.0.2.1 --dev eth0"),
        Verb("add-vlan", "link.add_vlan", "eth0.7 --parent eth0 --vid 7"),
        Verb("add-macvlan", "link.add_macvlan", "mv0 --parent eth0 --into con1"),
        Verb("add-ipvlan", "link.add_ipvlan", "iv0 --parent eth0 --mode l3"),
        Verb("add-dummy", "link.add_dummy", "dummy0 --up"),
        Verb("add-ifb", "link.add_ifb", "ifb0 --up"),
        Verb("add-vrf", "link.add_vrf", "red --table 10 --up"),
        Verb("add-bond", "link.add_bond", "bond0 --mode active-backup --miimon 100"),
        Verb("add-gre", "link.add_gre", "gre1 --local 192.0.2.1 --remote 192.0.2.2"),
        Verb("add-wireguard", "link.add_wireguard", "wg0"),
        Verb("add-tuntap", "tuntap.add", "tap0 --mode tap --user alice"),
        Verb("delete-tuntap", "tuntap.delete", "tap0"),
    ),
    "addr": (
        Verb("show", "addr.show", "eth0 --netns con1", "addr"),
        Verb("add", "addr.add", "10.0.0.1/24 --dev eth0"),
        Verb("replace", "addr.replace", "10.0.0.1/24 --dev eth0 --noprefixroute"),
        Verb("delete", "addr.delete", "10.0.0.1/24 --dev eth0"),
        Verb("flush", "addr.flush", "eth0"),
    ),
    "route": (
        Verb("show", "composed.show_routes", "--netns con1", "route"),
        Verb("get", "route.get", "10.2.0.5 --netns con1", "route"),
        Verb("add", "route.add", "default --via 10.0.0.1"),
        Verb("replace", "route.replace",
             "10.9.0.0/16 --nexthop via=10.0.0.1,weight=2 --nexthop via=10.0.1.1"),
        Verb("append", "route.append", "10.9.0.0/16 --via 10.0.0.2"),
        Verb("delete", "route.delete", "10.9.0.0/16"),
    ),
    "rule": (
        Verb("show", "composed.show_rules", "--netns con1", "rule"),
        Verb("add", "rule.add", "100 --from 10.1.0.0/24 --table 100"),
        Verb("delete", "rule.delete", "100 --from 10.1.0.0/24 --table 100"),
    ),
    "neigh": (
        Verb("show", "neigh.show", "eth0 --netns con1", "neigh"),
        Verb("add", "neigh.add", "10.0.0.2 --lladdr 02:00:00:00:00:02 --dev eth0"),
        Verb("replace", "neigh.replace", "10.0.0.2 --lladdr 02:00:00:00:00:02 --dev eth0"),
        Verb("delete", "neigh.delete", "10.0.0.2 --dev eth0"),
        Verb("add-proxy", "neigh.add_proxy", "10.0.0.9 --dev eth0"),
        Verb("delete-proxy", "neigh.delete_proxy", "10.0.0.9 --dev eth0"),
    ),
    "bridge": (
        Verb("show", "composed.show_bridges", "--netns con1", "link"),
        Verb("add", "link.add_bridge", "br0 --up"),
        Verb("set", "link.set_bridge", "br0 --stp"),
        Verb("delete", "link.delete", "br0"),
        Verb("ports", "bridge.show", "--netns con1", "ports"),
        Verb("add-port", "link.set_master", "eth1 br0"),
        Verb("remove-port", "link.set_nomaster", "eth1"),
        Verb("set-port", "link.set_port", "eth1 --isolated"),
    ),
    "fdb": (
        Verb("show", "fdb.show", "vx0", "fdb"),
        Verb("add", "fdb.add", "02:00:00:00:00:02 --dev vx0 --dst 192.0.2.2"),
        Verb("append", "fdb.append", "00:00:00:00:00:00 --dev vx0 --dst 192.0.2.3"),
        Verb("replace", "fdb.replace", "02:00:00:00:00:02 --dev vx0 --dst 192.0.2.3"),
        Verb("delete", "fdb.delete", "02:00:00:00:00:02 --dev vx0 --dst 192.0.2.2"),
    ),
    "vlan": (
        Verb("show", "vlan.show", "--netns con1", "vlan"),
        Verb("add", "vlan.add", "eth1 --vid 7 --pvid --untagged"),
        Verb("delete", "vlan.delete", "eth1 --vid 7"),
    ),
    "vxlan": (
        Verb("show", "composed.show_vxlans", "--netns con1", "link"),
        Verb("add", "link.add_vxlan", "vx0 --vni 42 --local 192.0.2.1 --up"),
        Verb("set", "link.set_vxlan", "vx0 --vni 42 --no-learning"),
        Verb("delete", "link.delete", "vx0"),
        Verb("remotes", "composed.show_remotes", "vx0", "fdb"),
        Verb("add-remote", "composed.add_remote", "vx0 192.0.2.2"),
        Verb("delete-remote", "composed.delete_remote", "vx0 192.0.2.2"),
    ),
    "nat": (
        Verb("list", "firewall.list_nat", "--netns con1", "lines"),
        Verb("masquerade", "firewall.masquerade", "--source 10.0.0.0/8 --out eth0"),
        Verb("snat", "firewall.snat", "198.51.100.1 --source 10.0.0.0/8 --out eth0"),
        Verb("dnat", "firewall.dnat", "10.0.0.5:80 --protocol tcp --port 8080 --in eth0"),
        Verb("flush", "firewall.flush_nat", "--netns con1"),
    ),
    "fw": (
        Verb("list", "firewall.list_filter", "--netns con1", "lines"),
        Verb("accept", "firewall.accept", "--chain forward --state established,related"),
        Verb("drop", "firewall.drop", "--chain input --protocol tcp --port 23"),
        Verb("reject", "firewall.reject", "--chain forward --source 10.9.0.0/16"),
        Verb("policy", "firewall.policy", "forward drop"),
        Verb("flush", "firewall.flush_filter", "--netns con1"),
    ),
    "tc": (
        Verb("show", "qdisc.show", "eth0 --netns con1", "tc"),
        Verb("netem", "composed.netem", "eth0 --delay 20ms --loss 0.5%"),
        Verb("rate", "composed.rate", "eth0 10mbit"),
        Verb("clear", "composed.clear", "eth0"),
        Verb("htb", "composed.htb", "eth0 --default 10"),
        Verb("add-class", "class_.add", "eth0 1:10 --parent 1: --rate 10mbit"),
        Verb("replace-class", "class_.replace", "eth0 1:10 --parent 1: --rate 20mbit"),
        Verb("delete-class", "class_.delete", "eth0 1:10"),
    ),
    "sysctl": (
        Verb("read", "composed.read_sysctl", "net/ipv4/ip_forward --netns con1", "lines"),
        Verb("write", "sysctl.write", "net/ipv4/ip_forward 1 --netns con1"),
    ),
    "conntrack": (
        Verb("list", "conntrack.list", "--protocol tcp --netns con1", "conntrack"),
        Verb("delete", "conntrack.delete", "--orig-dst 10.0.0.5"),
        Verb("flush", "conntrack.flush", "--netns con1"),
    ),
}
# fmt: on


ALIKE = {"list": "show", "show": "list"}
"""What iproute2 would understand as well."""


def function_of(verb: Verb) -> Any:
    """Import the function of a verb."""
    module, _, name = verb.function.rpartition(".")
    room = "netkit.cli.thin" if module in COMPOSED else "netkit.command"
    return getattr(import_module(f"{room}.{module}"), name)


class Noun(Group):
    """A noun of a tool's, whose verbs build its lines."""

    def names(self) -> Iterable[str]:
        """Name all verbs."""
        return (verb.name for verb in NOUNS[str(self.name)])

    def summary(self, verb: str) -> str:
        """Say in one line what a verb does."""
        return summary(told(function_of(self.verb(verb)).__doc__))

    def command(self, verb: str) -> Any:
        """Make the command of a verb; None when there is none of that name."""
        found = self.verb(verb) or self.verb(ALIKE.get(verb, ""))
        if found is None:
            return None
        function = function_of(found)
        return command_of(
            str(self.name), found.name, function, example=found.example, asks=found.asks
        )

    def verb(self, name: str) -> Any:
        """Give a verb by name; None when there is none."""
        return next((verb for verb in NOUNS[str(self.name)] if verb.name == name), None)


def group(name: str, help: str) -> Any:
    """Give the group of a noun."""
    return made(Noun, name, help)
