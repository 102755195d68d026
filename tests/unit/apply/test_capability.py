from __future__ import annotations

from collections.abc import Sequence

import pytest

from netkit.apply.admission.capability import require
from netkit.errors import CommandError, MissingError
from netkit.model.link import Bridge, Dummy, Gre
from netkit.model.object import Object
from netkit.plan.change import Change
from netkit.run.job import Answer, Job
from netkit.run.runner import Meanwhile


class Poor:
    """The hands of a kernel that has nothing beyond veth and bridge."""

    def run(self, jobs: Sequence[Job], meanwhile: Meanwhile | None = None) -> tuple[Answer, ...]:
        raise CommandError(str(jobs), 2, "Error: Unknown device type.")


def refused(*items: Object) -> MissingError:
    with pytest.raises(MissingError) as caught:
        require([Change(None, each) for each in items], (), Poor())
    return caught.value


def test_what_the_kernel_lacks_is_named_where_it_is_first_asked_for() -> None:
    error = refused(
        Gre(netns="b", ifname="g", mode="gretap", origin="/namespaces/b/devices/g"),
        Dummy(netns="a", ifname="d0", origin="/namespaces/a/devices/d0"),
        Dummy(netns="a", ifname="d1", origin="/namespaces/a/devices/d1"),
    )

    assert error.message.splitlines() == [
        "/namespaces/a/devices/d0: this kernel has no dummy",
        "/namespaces/b/devices/g: this kernel has no gre",
    ]
    assert error.hint == "load its module (modprobe -a dummy ip_gre), or leave it out of the spec"


def test_gre_over_ipv6_is_a_feature_of_its_own() -> None:
    error = refused(Gre(netns="a", ifname="g", mode="ip6gretap", origin="/g"))

    assert error.message == "/g: this kernel has no ip6gre"
    assert "(modprobe ip6_gre)" in error.hint


def test_what_no_module_brings_is_an_option_of_the_kernel() -> None:
    error = refused(Bridge(netns="a", ifname="br0", vlan_filtering=True, origin="/br0"))

    assert error.hint == (
        "take a kernel built with CONFIG_BRIDGE_VLAN_FILTERING, or leave it out of the spec"
    )
