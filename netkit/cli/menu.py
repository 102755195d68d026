"""
What can be said: the name, place and one line of every command, known without importing any.

A test holds each line here to the first line of its function's docstring.
"""

from __future__ import annotations

from dataclasses import dataclass

DECLARATIVE = "Build what a file says"
LOOKING = "Look and try"
THIN = "One kernel object at a time, as iproute2 would"


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A command.

    Args:
        name: As typed.
        section: The heading it stands under.
        summary: One line of help.
        module: Where its function lives; in it, a function of the same name.
    """

    name: str
    section: str
    summary: str
    module: str


ENTRIES = (
    Entry("apply", DECLARATIVE, "Make the network be what a spec says.", "apply"),
    Entry("plan", DECLARATIVE, "Show what apply would do, and run nothing.", "plan"),
    Entry("diff", DECLARATIVE, "Show how the network differs from its spec.", "diff"),
    Entry("destroy", DECLARATIVE, "Take a network away, without trace.", "destroy"),
    Entry("status", DECLARATIVE, "Say of each applied spec whether it still holds.", "status"),
    Entry("validate", DECLARATIVE, "Check specs and say all that is wrong.", "validate"),
    Entry("render", DECLARATIVE, "Print a spec with everything filled in.", "render"),
    Entry("schema", DECLARATIVE, "Print the JSON Schema of the spec language.", "render"),
    Entry("check", LOOKING, "Try what a spec says must work, or must not.", "check"),
    Entry("exec", LOOKING, "Run a command inside a namespace.", "enter"),
    Entry("shell", LOOKING, "Open a shell inside a namespace.", "enter"),
    Entry("ping", LOOKING, "Ask from inside a namespace whether hosts answer.", "ping"),
    Entry("ns", THIN, "Network namespaces: ip netns.", "thin.nouns"),
    Entry("link", THIN, "Devices: ip link.", "thin.nouns"),
    Entry("addr", THIN, "Addresses of devices: ip address.", "thin.nouns"),
    Entry("route", THIN, "Routes: ip route.", "thin.nouns"),
    Entry("rule", THIN, "Policy rules, which choose the table: ip rule.", "thin.nouns"),
    Entry("neigh", THIN, "Neighbours: ip neighbour.", "thin.nouns"),
    Entry("bridge", THIN, "Bridges and their ports: ip link, bridge link.", "thin.nouns"),
    Entry("fdb", THIN, "Forwarding databases: bridge fdb.", "thin.nouns"),
    Entry("vlan", THIN, "VLANs of bridge ports: bridge vlan.", "thin.nouns"),
    Entry("vxlan", THIN, "VXLAN devices and their remotes: ip link, bridge fdb.", "thin.nouns"),
    Entry("nat", THIN, "Address translation: iptables -t nat.", "thin.nouns"),
    Entry("fw", THIN, "The packet filter: iptables.", "thin.nouns"),
    Entry("tc", THIN, "Rates, delay and loss: tc.", "thin.nouns"),
    Entry("sysctl", THIN, "Kernel parameters of a namespace: sysctl.", "thin.nouns"),
    Entry("conntrack", THIN, "The table of connections: conntrack.", "thin.nouns"),
)
BY_NAME = {entry.name: entry for entry in ENTRIES}

HEAD = """\
Usage: netkit COMMAND [ARGUMENTS]...

Virtual networks, built from the Linux kernel's own parts."""

FOOT = """\
Options:
  -h, --help            Of netkit, or of a command: netkit apply --help.
  -V, --version         Print the version.
  --install-completion  Let the shell complete commands and live names.
  --show-completion     Print what that would install.

Exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage or spec, 3 differences or a failed
check, 4 another netkit is at work, 5 the machine lacks something, 6 failed and could not go back.

Begin with: netkit apply examples/shop.json"""


def overview() -> str:
    """Give the help of netkit itself."""
    return "\n\n".join((HEAD, *_sections(), FOOT))


def _sections() -> list[str]:
    sections: dict[str, list[str]] = {}
    for entry in ENTRIES:
        lines = sections.setdefault(entry.section, [f"{entry.section}:"])
        lines.append(f"  {entry.name:<11}{entry.summary}")
    return ["\n".join(lines) for lines in sections.values()]
