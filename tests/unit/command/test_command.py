"""A command is a value; no odd word enters it, and it prints as a line to paste."""

from __future__ import annotations

import shlex
import subprocess
from ipaddress import IPv6Interface

import pytest

from netkit.command import addr, conntrack, iptables, link, netns, ping, qdisc, route
from netkit.command.command import Command, command, flag, on_off, option
from netkit.command.step import Step
from netkit.command.word import place, word
from netkit.errors import UsageError

HOSTILE = {
    "empty": "",
    "a blank": "a b",
    "a tab": "a\tb",
    "a newline": "a\nb",
    "a trailing newline": "a\n",
    "a carriage return": "a\rb",
    "a NUL": "a\0b",
    "an escape character": "a\x1bb",
    "DEL": "a\x7fb",
    "a no-break space": "a\u00a0b",
    "a line separator": "a\u2028b",
    "a right-to-left override": "a\u202eb",
    "a lone surrogate": "a\udcffb",
    "a single quote": "a'b",
    "a double quote": 'a"b',
    "a backtick": "a`b",
    "a backslash": "a\\b",
    "a comment": "#a",
    "a comment in the middle": "a#b",
    "an option": "-a",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_word_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cannot be a word"):
        word(text)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_builder_lets_a_hostile_word_pass(text: str) -> None:
    builders = (
        lambda: link.set("a", alias=text),
        lambda: link.add_veth(text, "b"),
        lambda: link.add_veth("a", "b", peer_netns=text),
        lambda: addr.add("10.0.0.1/8", dev=text),
        lambda: route.add("10.0.0.0/8", type=text),
        lambda: route.add(text, dev="a"),
        lambda: netns.add(text),
        lambda: qdisc.netem(delay="1ms", jitter=text),
        lambda: qdisc.add("a", (text,)),
        lambda: ping.ping(text),
        lambda: conntrack.delete(protocol=text),
        lambda: iptables.new_chain(text),
        lambda: iptables.rule(in_=text),
        lambda: iptables.rule(in_=f"!{text}"),
        lambda: iptables.rule(comment=text),
        lambda: iptables.rule(jump=text),
        lambda: iptables.restore_text("nat", (text,), ()),
        lambda: link.show().within(text),
    )

    for build in builders:
        with pytest.raises(UsageError):
            build()


@pytest.mark.parametrize(
    ("value", "text"),
    [("eth0.5", "eth0.5"), (7, "7"), (IPv6Interface("FD00::1/64"), "fd00::1/64"), ("ethé", "ethé")],
)
def test_a_plain_value_becomes_its_text(value: object, text: str) -> None:
    assert word(value) == text


@pytest.mark.parametrize("netns", ["con1", "...", "a.b", "/proc/1/ns/net", "/run/netns/a.b"])
def test_a_namespace_is_a_name_or_an_absolute_path(netns: str) -> None:
    assert place(netns) == netns


@pytest.mark.parametrize(
    "netns", ["", ".", "..", "a/b", "../a", "/", "/a/../b", "/a/", "//a", "/a/.", "-n", "a b"]
)
def test_a_namespace_is_nothing_else(netns: str) -> None:
    with pytest.raises(UsageError, match="not a network namespace"):
        place(netns)


def test_an_option_comes_with_its_value_or_not_at_all() -> None:
    assert option("mtu", 1400) == ("mtu", "1400")
    assert option("mtu", None) == ()
    assert flag("up", True) == ("up",)
    assert flag("up", False) == ()
    assert on_off("learning", True) == ("learning", "on")
    assert on_off("learning", False) == ("learning", "off")
    assert on_off("learning", None) == ()


@pytest.mark.parametrize(
    ("step", "typed"),
    [
        (link.show(), "ip -details -json link show"),
        (link.show().within("con1"), "ip -n con1 -details -json link show"),
        (
            link.show().within("/proc/12/ns/net"),
            "nsenter --net=/proc/12/ns/net ip -details -json link show",
        ),
        (qdisc.show().within("con1"), "tc -n con1 -details -json qdisc show"),
        (iptables.save().within("con1"), "ip netns exec con1 iptables-save"),
        (conntrack.flush().within("/proc/1/ns/net"), "nsenter --net=/proc/1/ns/net conntrack -F"),
        (link.show().within("con1").within(None), "ip -details -json link show"),
    ],
    ids=str,
)
def test_the_place_is_a_field_and_is_typed_as_each_tool_wants_it(step: Command, typed: str) -> None:
    assert str(step) == typed
    assert shlex.split(str(step)) == list(step.argv)


def test_a_command_is_equal_to_one_with_the_same_words() -> None:
    assert command("ip", "link", "show") == Command("ip", ("link", "show"))
    assert link.set_up("a").within("b") == link.set_up("a").within("b")
    assert hash(link.set_up("a")) == hash(link.set_up("a"))
    assert link.set_up("a") != link.set_up("a").within("b")


@pytest.mark.parametrize("text", ["one\ntwo\n", "no end", "EOF\n", "", "$(x) `y` \\ 'z'\n"])
def test_input_prints_as_a_here_document_that_a_shell_reads_back(text: str) -> None:
    typed = str(Command("cat", (), input=text))
    said = subprocess.run(["sh", "-c", typed], capture_output=True, text=True, check=True).stdout

    assert said.removesuffix("\n") == text.removesuffix("\n")


def test_every_kind_is_a_step() -> None:
    step: Step = link.set_up("a")

    assert step.within("con1").netns == "con1"
