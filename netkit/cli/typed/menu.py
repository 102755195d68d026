"""
What can be said: the name, place and one line of every command, known without importing any.

A test holds each line here to the first line of its function's docstring.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

THIN = "thin.nouns"
GROUP = "typed.verbs"

# fmt: off
MENU: dict[str, dict[str, tuple[str, str]]] = {
    "Build what a file says": {
        "apply": ("Make the network be what a spec says.", "apply"),
        "plan": ("Show what apply would do, and run nothing.", "plan"),
        "diff": ("Show how the network differs from its spec.", "plan"),
        "destroy": ("Take a network away, without trace.", "destroy"),
        "status": ("Say of each applied spec whether it still holds.", "status"),
        "recover": ("Go back to before an apply that was cut off.", "destroy"),
        "prune": ("Remove what is netkit's and no applied spec wants.", "destroy"),
        "validate": ("Check specs and say all that is wrong.", "validate"),
        "render": ("Print a spec with everything filled in.", "render"),
        "export": ("Print an applied spec, as it was written.", "render"),
        "up": ("Build all specs that are kept for the next boot.", "up"),
        "schema": ("Print the JSON Schema of the spec language.", "render"),
    },
    "Networks, endpoints, sandboxes": {
        "network": ("Networks, and who is in them.", GROUP),
        "namespace": ("Namespaces: the sandboxes of networks.", GROUP),
    },
    "Look and try": {
        "check": ("Try what a spec says must work, or must not.", "check"),
        "exec": ("Run a command inside a namespace.", "enter"),
        "shell": ("Open a shell inside a namespace.", "enter"),
        "ping": ("Ask from inside a namespace whether hosts answer.", "ping"),
    },
    "One kernel object at a time, as iproute2 would": {
        "ns": ("Network namespaces: ip netns.", THIN),
        "link": ("Devices: ip link.", THIN),
        "addr": ("Addresses of devices: ip address.", THIN),
        "route": ("Routes: ip route.", THIN),
        "rule": ("Policy rules, which choose the table: ip rule.", THIN),
        "neigh": ("Neighbours: ip neighbour.", THIN),
        "bridge": ("Bridges and their ports: ip link, bridge link.", THIN),
        "fdb": ("Forwarding databases: bridge fdb.", THIN),
        "vlan": ("VLANs of bridge ports: bridge vlan.", THIN),
        "vxlan": ("VXLAN devices and their remotes: ip link, bridge fdb.", THIN),
        "nat": ("Address translation: iptables -t nat.", THIN),
        "fw": ("The packet filter: iptables.", THIN),
        "tc": ("Rates, delay and loss: tc.", THIN),
        "sysctl": ("Kernel parameters of a namespace: sysctl.", THIN),
        "conntrack": ("The table of connections: conntrack.", THIN),
    },
}
# fmt: on
"""By section and name: one line of help, and the module that has a function of that name."""

COMMANDS = {name: entry for section in MENU.values() for name, entry in section.items()}

# fmt: off
VERBS: dict[str, dict[str, tuple[str, str]]] = {
    "network": {
        "create": ("Make a network.", "network"),
        "rm": ("Remove networks.", "network"),
        "ls": ("List the networks of all applied specs.", "listing"),
        "inspect": ("Show all that is known of networks.", "listing"),
        "connect": ("Give a namespace an interface in a network, while it runs.", "endpoint"),
        "disconnect": ("Take a namespace out of a network, while it runs.", "endpoint"),
        "prune": ("Remove the networks that nobody is in.", "network"),
    },
    "namespace": {
        "create": ("Make a namespace, in networks if so wished.", "namespace"),
        "rm": ("Remove namespaces.", "namespace"),
        "ls": ("List the namespaces of all applied specs.", "listing"),
        "inspect": ("Show all that is known of namespaces.", "listing"),
    },
}
# fmt: on
"""The verbs of nouns that are commands of their own, as in ``MENU``."""

OWN = {name: entry for name, entry in COMMANDS.items() if entry[1] not in {THIN, GROUP}} | {
    f"{noun} {verb}": entry for noun, verbs in VERBS.items() for verb, entry in verbs.items()
}
"""All that has a function of its own, by the words that are typed."""

FUNCTIONS = {
    "exec": "exec_",
    **{
        f"{noun} {verb}": f"{verb}_{noun}s"
        for noun, verbs in VERBS.items()
        for verb, (_, place) in verbs.items()
        if place == "listing"
    },
}
"""Where a function cannot bear the command's name."""

HEAD = """\
Usage: netkit COMMAND [ARGUMENTS]...

Virtual networks, built from the Linux kernel's own parts."""

FOOT = """\
Options:
  -h, --help            Of netkit, or of a command: netkit apply --help.
  -V, --version         Print the version.
  --rootless COMMAND    In a network of this user's own; without root by itself.
  --install-completion  Let the shell complete commands and live names.
  --show-completion     Print what that would install.

Exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage or spec, 3 differences or a failed
check, 4 another netkit is at work, 5 the machine lacks something, 6 failed and could not go back.

Begin with: netkit apply examples/shop.json"""


def function_of(name: str) -> Callable[..., Any] | None:
    """Import the function of a command; None where there is none of that name, or it is a group."""
    if name not in OWN:
        return None
    function: Callable[..., Any] = getattr(
        import_module(f"netkit.cli.commands.{OWN[name][1]}"),
        FUNCTIONS.get(name, name.rpartition(" ")[2]),
    )
    return function


def overview() -> str:
    """Give the help of netkit itself."""
    return "\n\n".join((HEAD, *_sections(), FOOT))


def _sections() -> list[str]:
    return [
        "\n".join(
            (f"{title}:", *(f"  {name:<11}{summary}" for name, (summary, _) in commands.items()))
        )
        for title, commands in MENU.items()
    ]
