"""Lines are kept until the platform has them, and what is lost is told."""

from __future__ import annotations

from sagehen.cluster.agent.printed import Printed


def test_lines_are_kept_until_they_are_acknowledged() -> None:
    printed = Printed()
    for text in "abc":
        printed.add("stdout", text)
    assert printed.after(0) == [(1, "stdout", "a"), (2, "stdout", "b"), (3, "stdout", "c")]
    printed.acknowledge(2)
    assert printed.after(0)[0] == (3, "stdout", "c") or printed.after(2) == [(3, "stdout", "c")]
    assert printed.after(3) == []


def test_of_too_many_the_oldest_go_and_it_is_said_once() -> None:
    printed = Printed(most_bytes=200)
    for number in range(10):
        printed.add("stdout", str(number))
    first, *rest = printed.after(0)
    assert first[2] == "sagehen: 7 lines were lost while the platform could not be reached"
    assert [text for _, _, text in rest] == ["7", "8", "9"]
    assert first[0] == rest[0][0] - 1
    assert printed.after(first[0]) == rest


def test_a_flood_is_sent_in_pieces() -> None:
    printed = Printed()
    for _ in range(10):
        printed.add("stdout", "x" * 20_000)
    sent = 0
    pieces = 0
    while found := printed.after(sent):
        sent, pieces = found[-1][0], pieces + 1
    assert sent == 10 and pieces == 5
