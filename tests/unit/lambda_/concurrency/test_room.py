"""Whether there is room for what is to be reserved or provisioned."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from sagehen.concurrency.counting import Shares
from sagehen.concurrency.limits import Limits
from sagehen.services.lambda_.concurrency.room import check_provision, check_reservation
from sagehen.services.lambda_.errors import InvalidParameterValueException

LIMITS = Limits(concurrency=1000, minimum_unreserved=100)
NOTHING = Shares()
OTHER_RESERVES = Shares(reserved={"other": 200})
OTHER_PROVISIONS = Shares(provisioned={"other": 30})
BELOW_MINIMUM = r"decreases account's UnreservedConcurrentExecution below its minimum value of \[100\]\."


@pytest.mark.parametrize(
    ("shares", "wanted", "refusal"),
    [
        (NOTHING, 0, None),
        (NOTHING, 900, None),
        (NOTHING, 901, BELOW_MINIMUM),
        (OTHER_RESERVES, 700, None),
        (OTHER_RESERVES, 701, BELOW_MINIMUM),
        # What it has reserved so far is given back first.
        (Shares(reserved={"f": 900}), 900, None),
        (Shares(reserved={"f": 900}), 901, BELOW_MINIMUM),
        # What others have provisioned of the unreserved pool is taken, too; inside a reservation, once.
        (OTHER_PROVISIONS, 870, None),
        (OTHER_PROVISIONS, 871, BELOW_MINIMUM),
        (Shares(reserved={"other": 200}, provisioned={"other": 50}), 700, None),
        # Its own provisioned environments move into the reservation.
        (Shares(provisioned={"f": 30}), 900, None),
        (Shares(provisioned={"f": 5}), 5, None),
        (
            Shares(provisioned={"f": 5}),
            4,
            r"^ ReservedConcurrentExecutions  4 should .* \[5\]\.$",
        ),
        (Shares(provisioned={"f": 5}), 0, r"should not be lower than function's total provisioned"),
    ],
)
def test_reservations(shares: Shares, wanted: int, refusal: str | None) -> None:
    with nullcontext() if refusal is None else pytest.raises(InvalidParameterValueException, match=refusal):
        check_reservation(shares, LIMITS, "f", wanted)


TOO_MANY = "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution"


@pytest.mark.parametrize(
    ("shares", "present", "wanted", "refusal"),
    [
        # Inside a reservation only that counts, not what must stay unreserved.
        (Shares(reserved={"f": 10}), 0, 10, None),
        (Shares(reserved={"f": 10}), 0, 11, TOO_MANY),
        (Shares(reserved={"f": 0}), 0, 1, TOO_MANY),
        (Shares(reserved={"f": 10}, provisioned={"f": 6}), 0, 4, None),
        (Shares(reserved={"f": 10}, provisioned={"f": 6}), 0, 5, TOO_MANY),
        # What the same version has is replaced.
        (Shares(reserved={"f": 10}, provisioned={"f": 6}), 6, 10, None),
        (Shares(reserved={"f": 10}, provisioned={"f": 6}), 2, 6, None),
        (Shares(reserved={"f": 10}, provisioned={"f": 6}), 2, 7, TOO_MANY),
        # Without one, what nobody reserves and nobody else provisions.
        (NOTHING, 0, 900, None),
        (NOTHING, 0, 901, BELOW_MINIMUM),
        (NOTHING, 0, 1000, BELOW_MINIMUM),
        (NOTHING, 0, 1001, r"greater than account's unreserved concurrency \[1000\]\."),
        (OTHER_RESERVES, 0, 700, None),
        (OTHER_RESERVES, 0, 701, BELOW_MINIMUM),
        (OTHER_PROVISIONS, 0, 870, None),
        (OTHER_PROVISIONS, 0, 871, BELOW_MINIMUM),
        (OTHER_PROVISIONS, 0, 971, r"unreserved concurrency \[970\]\."),
        # What others provision inside their reservation is cut out with it, not twice.
        (Shares(reserved={"other": 200}, provisioned={"other": 50}), 0, 700, None),
        (Shares(provisioned={"f": 870}), 870, 900, None),
        (Shares(provisioned={"f": 870}), 0, 31, BELOW_MINIMUM),
    ],
)
def test_provisioned(shares: Shares, present: int, wanted: int, refusal: str | None) -> None:
    with nullcontext() if refusal is None else pytest.raises(InvalidParameterValueException, match=refusal):
        check_provision(shares, LIMITS, "f", present, wanted)
