"""
What the machine must have for a plan, asked before anything is changed.

A device type or a queueing discipline that the kernel lacks shows only when one is made, so one is
made: in a new namespace that nobody sees and that goes with the process.
"""

from __future__ import annotations

from collections.abc import Iterable

from netkit.command import iptables, link, qdisc
from netkit.command.command import Command, command
from netkit.command.daemon import DaemonStart
from netkit.errors import CommandError, MissingError, Problem
from netkit.model.firewall import Chain
from netkit.model.link import Bond, Bridge, Dummy, Gre, Ipvlan, Macvlan, Vlan, Vrf, Wireguard
from netkit.model.object import Object
from netkit.model.ovs import OvsBridge, OvsPort
from netkit.model.setting import Qdisc
from netkit.plan.change import Change
from netkit.plan.phase import Planned
from netkit.run.job import Ask, Job
from netkit.run.process import find
from netkit.run.runner import Runner
from netkit.run.sayings import way_out

BASE = link.add_veth("base", "far")
"""What probes of devices that lie on others lie on: none of them could lie on ``lo``."""
PROBES: dict[str, Command] = {
    "vlan": link.add_vlan("probe", parent="base", vid=1),
    "macvlan": link.add_macvlan("probe", parent="base"),
    "dummy": link.add_dummy("probe"),
    "vrf": link.add_vrf("probe", table=10),
    "ipvlan": link.add_ipvlan("probe", parent="base"),
    "wireguard": link.add_wireguard("probe"),
    "bond": link.add_bond("probe"),
    "gre": link.add_gre("probe", local="192.0.2.1", remote="192.0.2.2"),
    "ip6gre": link.add_gre("probe", local="2001:db8::1", remote="2001:db8::2"),
    "vlan_filtering": link.add_bridge("probe", vlan_filtering=True),
    "netem": qdisc.replace("lo", qdisc.netem(delay="1ms")),
    "tbf": qdisc.replace("lo", qdisc.tbf(rate="1mbit", burst="3200b", latency="50ms")),
    "IPv6 NAT": iptables.append("PREROUTING", ("-j", "ACCEPT"), table="nat", family=6),
    "raw table": iptables.append("PREROUTING", ("-j", "ACCEPT"), table="raw"),
}
KINDS: dict[type[Object], str] = {
    Vlan: "vlan",
    Dummy: "dummy",
    Vrf: "vrf",
    Macvlan: "macvlan",
    Ipvlan: "ipvlan",
    Wireguard: "wireguard",
    Bond: "bond",
}
FEATURED = frozenset({Qdisc, Bridge, Gre, Chain, *KINDS})
TOOLS = (Command, DaemonStart)
TABLES = {("nat", 6): "IPv6 NAT", ("raw", 4): "raw table"}
"""Tables of iptables, by family."""


def require(changes: Iterable[Change], steps: Iterable[Planned], runner: Runner) -> None:
    """
    Refuse a plan that this machine cannot carry out.

    Raises:
        MissingError: A tool is not installed, or the kernel lacks a feature; all of them are named.
    """
    for tool in sorted({step.step.tool for step in steps if isinstance(step.step, TOOLS)}):
        find(tool)
    if any(isinstance(each.before, OvsBridge | OvsPort) for each in changes):
        require_switch(runner)
    needed: dict[str, str] = {}
    for item in (change.after for change in changes if change.after is not None):
        for feature in features(item):
            needed.setdefault(feature, item.origin)
    lacking = [feature for feature in needed if not _has(feature, runner)]
    if lacking:
        said = (Problem(needed[each], f"this kernel has no {each}") for each in lacking)
        raise MissingError.at(
            *sorted(said, key=str),
            hint=f"{way_out(lacking)}, or leave it out of the spec",
        )


def require_switch(runner: Runner) -> None:
    """
    See that Open vSwitch itself runs: where only its database does, nothing follows a change.

    Raises:
        MissingError: It does not run, or is not installed.
    """
    from netkit.command import ovs

    try:
        runner.run([Job(None, ask=Ask(None, (ovs.version(),)))])
    except CommandError as error:
        raise MissingError(
            f"the switch of Open vSwitch does not run: {error.said.splitlines()[-1]}",
            hint="start it: systemctl start openvswitch-switch",
        ) from error


def features(item: Object) -> tuple[str, ...]:
    """Name the features that an object needs and not every kernel has."""
    if type(item) not in FEATURED:
        return ()
    if isinstance(item, Qdisc):
        return (item.kind,)
    if isinstance(item, Bridge) and item.vlan_filtering:
        return ("vlan_filtering",)
    if isinstance(item, Gre):
        return ("ip6gre" if item.mode.startswith("ip6") else "gre",)
    if isinstance(item, Chain):
        table = TABLES.get((item.table, item.family))
        return () if table is None else (table,)
    name = KINDS.get(type(item))
    return () if name is None else (name,)


def _has(feature: str, runner: Runner) -> bool:
    probe = PROBES[feature]
    try:
        tool, *words = probe.argv
        lines = None
        if tool == "ip":
            words, lines = ["-batch", "-"], f"{BASE.line}\n{probe.line}\n"
        probing = command("unshare", "--net", find(tool), *words, input=lines)
        runner.run([Job(None, (probing,))])
    except CommandError:
        return False
    return True
