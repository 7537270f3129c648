"""Who makes room for another client."""

from __future__ import annotations

from sagehen.services.ec2.ssh.strangers import Strangers


def test_of_the_address_with_the_most_who_came_first() -> None:
    strangers: Strangers[int] = Strangers()
    assert strangers.to_leave() is None
    for client, source in enumerate(("a", "b", "b", "a", "b")):
        strangers.came(client, source)
    assert strangers.to_leave() == 1
    strangers.left(1)
    strangers.left(1)
    strangers.left(2)
    assert strangers.to_leave() == 0  # two of a, one of b
