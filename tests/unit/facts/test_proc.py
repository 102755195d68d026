"""What the kernel says of a host's sockets and of its way out, in tables of /proc/net."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from netkit.errors import NetkitError
from netkit.facts import uplink
from netkit.facts.listening import Listener, parse, takes

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7001 1
   1: 0100007F:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7002 1
   2: 010200C0:1F90 020200C0:C350 01 00000000:00000000 00:00000000 00000000     0        0 7003 1
"""
UDP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  5: 00000000000000000000000000000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 7004 2 0000000000000000 0
  6: B80D0120000000000000000001000000:0043 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 7005 2 0000000000000000 0
"""  # noqa: E501 - as the kernel prints it
ROUTE = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
up0\t00000000\t020200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
up0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
wan\t00000000\t00000000\t0001\t0\t0\t7\t00000000\t0\t0\t0
half\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0
"""
ZERO = "0" * 32
ROUTE6 = f"""\
{"20010db8" + "0" * 24} 40 {ZERO} 00 {ZERO} 00000100 00000001 00000000 00000001     up0
{ZERO} 00 {ZERO} 00 {"20010db8" + "0" * 23 + "2"} 00000400 00000001 00000000 00000003     up0
{ZERO} 00 {ZERO} 00 {ZERO} ffffffff 00000001 00000000 00200200      lo
"""


def test_who_listens_is_told_with_address_and_port() -> None:
    assert tuple(parse(TCP, "tcp", 4)) == (
        Listener(4, "tcp", None, 8080, 7001),
        Listener(4, "tcp", ip_address("127.0.0.1"), 53, 7002),
    )
    assert tuple(parse(UDP6, "udp", 6)) == (
        Listener(6, "udp", None, 53, 7004),
        Listener(6, "udp", ip_address("2001:db8::1"), 67, 7005),
    )


def test_one_at_any_address_of_ipv6_hears_ipv4_as_well() -> None:
    anywhere, somewhere = parse(UDP6, "udp", 6)

    assert [takes(each, 4) for each in (anywhere, somewhere)] == [True, False]
    assert [takes(each, 6) for each in (anywhere, somewhere)] == [True, True]


def test_an_odd_table_is_an_error_that_names_it() -> None:
    with pytest.raises(NetkitError, match="/proc/net/tcp has an odd line"):
        tuple(parse("head\n 0: zero", "tcp", 4))


def test_the_way_out_is_what_the_default_routes_lead_by() -> None:
    assert tuple(uplink.parse_ipv4(ROUTE)) == ("up0", "wan")
    assert tuple(uplink.parse_ipv6(ROUTE6)) == ("up0",)
    assert tuple(uplink.parse_ipv4("")) == tuple(uplink.parse_ipv6("")) == ()
