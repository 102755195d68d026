"""Programs that netkit left running, by the marks that they bear."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator

from netkit.model.daemon import Daemon
from netkit.model.object import Netns
from netkit.run.daemon import Running, running
from netkit.run.enter import path_of


def read(places: Iterable[Netns]) -> Iterator[Daemon]:
    """
    Look which daemons of netkit's there are, of whatever spec and in whatever namespace.

    Args:
        places: The namespaces that are spoken of; of any other the path of its file is given.

    Returns:
        E.g. ``Daemon(alias="netkit:shop/frontend/dns", argv=("dnsmasq", "--hostsdir=…", …))``;
        without ``argv`` where one runs that nobody would start again, or there are two.
    """
    by_mark: dict[str, list[Running]] = defaultdict(list)
    for each in running():
        by_mark[each.alias].append(each)
    names = dict(_names(places)) if by_mark else {}
    for alias, processes in by_mark.items():
        shells = [each for each in processes if each.words is not None]
        # A child of the shell's looks like the shell until it has become something else.
        sound = bool(shells) and len({each.session for each in processes}) == 1
        one = (shells or processes)[0]
        netns = names.get(one.place, f"/proc/{one.pid}/ns/net")
        yield Daemon(netns=netns, alias=alias, argv=(one.words or ()) if sound else ())


def _names(places: Iterable[Netns]) -> Iterator[tuple[tuple[int, int], Netns]]:
    for netns in places:
        try:
            found = os.stat("/proc/self/ns/net" if netns is None else path_of(netns))
        except OSError:
            continue
        yield (found.st_dev, found.st_ino), netns
