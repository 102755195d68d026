from __future__ import annotations

from ipaddress import IPv4Address

from netkit import names


def test_names_are_the_same_everywhere_and_fit_the_kernel() -> None:
    first = names.endpoint_ifname("shop", "backend", "con1")

    assert first == names.endpoint_ifname("shop", "backend", "con1")
    assert first != names.endpoint_ifname("shop", "backend", "con2")
    assert first.startswith("nk-")
    assert len(first) == names.IFNAME_BYTES


def test_parts_that_run_together_are_told_apart() -> None:
    assert names.digest("a", "bc") != names.digest("ab", "c")


def test_a_chain_fits_iptables_for_the_longest_hook() -> None:
    assert len(names.chain("POSTROUTING", "shop")) <= names.CHAIN_BYTES


def test_a_group_is_netkits_even_and_the_odd_one_beside_it_too() -> None:
    group = names.group("shop")

    assert group % 2 == 0
    assert names.is_owned_group(group)
    assert names.is_owned_group(group + 1)
    assert not names.is_owned_group(0)
    assert not names.is_owned_group(names.GROUP_BASE + (1 << names.GROUP_BITS))


def test_an_alias_names_its_spec_and_another_aliases_do_not() -> None:
    assert names.mark_owner(names.device_alias("shop", "con1", "eth0")) == "shop"
    assert names.mark_owner(names.namespace_alias("shop", "con1")) == "shop"
    assert names.mark_owner("uplink to rack 4") is None
    assert names.mark_owner(None) is None


def test_a_mac_address_follows_the_ipv4_address() -> None:
    assert names.mac_of_address(IPv4Address("10.1.0.2")) == "02:42:0a:01:00:02"


def test_any_other_mac_address_is_local_and_single() -> None:
    assert names.mac_of("shop", "r1", "wan").startswith("02:")
    assert names.mac_of("shop", "r1", "wan") != names.mac_of("shop", "r1", "lan")
