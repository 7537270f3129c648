"""Which ports a door listens at: those that the security groups open, within a bound. Pure."""

from __future__ import annotations

from collections.abc import Iterable

# A listening socket each, for each machine.
MOST_PORTS = 128
# Of a range that is wider than what is left, these: what people's programs listen on without being told.
_USUAL = (
    *(80, 443, 3000, 4040, 5000, 5601, 6006, 6379, 7860, 8000, 8001, 8008, 8080, 8081, 8088, 8265, 8443),
    *(8501, 8787, 8786, 8888, 8889, 9000, 9090, 9443, 10000, 29500),
)


def listened(ranges: Iterable[tuple[int, int]], ssh: int) -> frozenset[int]:
    """Return the ports to listen at besides SSH's.

    Narrow ranges come first, so that one rule for everything takes no place from a rule for one port.
    Worked example: (8888, 8888) and (0, 65535) are 8888 and the usual ones.

    Args:
        ranges: First and last port that a rule opens.
        ssh: Where SSH is reached, which is no other's.
    """
    found: set[int] = set()
    taken = {0, 22, ssh}
    for first, last in sorted(set(ranges), key=lambda each: (each[1] - each[0], each)):
        wide = last - first >= MOST_PORTS - len(found)
        ports: Iterable[int] = _USUAL if wide else range(first, last + 1)
        for port in ports:
            if first <= port <= last and port not in taken and len(found) < MOST_PORTS:
                found.add(port)
    return frozenset(found)
