from __future__ import annotations

from netkit.command import addr, iptables, link, sysctl
from netkit.run.batch import Batch, batches


def test_consecutive_commands_of_one_tool_are_one_process() -> None:
    steps = (link.set_up("lo"), addr.add("10.0.0.1/24", dev="eth0"))

    assert list(batches(steps)) == [Batch(steps)]
    assert Batch(steps).argv == ("ip", "-batch", "-")
    assert Batch(steps).input == "link set dev lo up\naddress add 10.0.0.1/24 dev eth0\n"


def test_questions_join_the_process_that_builds() -> None:
    steps = (link.set_up("lo"),)
    questions = (addr.show(), link.show())
    (batch,) = batches(steps, questions)

    assert isinstance(batch, Batch)
    assert batch.asks == 2
    assert batch.argv == ("ip", "-details", "-json", "-batch", "-")


def test_a_step_that_is_no_command_stands_by_itself() -> None:
    write = sysctl.write("net/ipv4/ip_forward", 1)
    up = link.set_up("lo")

    assert list(batches((up, write, up))) == [Batch((up,)), write, Batch((up,))]


def test_a_tool_that_reads_no_batches_is_run_with_its_words_and_input() -> None:
    restore = iptables.restore(iptables.restore_text("nat", (), ()))
    (batch,) = batches((restore,))

    assert isinstance(batch, Batch)
    assert batch.argv == ("iptables-restore", "--wait", "--noflush")
    assert batch.input == "*nat\nCOMMIT\n"


def test_steps_of_other_options_are_not_mixed() -> None:
    show = link.show()
    up = link.set_up("lo")

    assert list(batches((show, up))) == [Batch((show,)), Batch((up,))]
