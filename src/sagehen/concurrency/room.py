"""Whether an account has the concurrency that a request wants to set aside. Pure decisions, AWS's words.

Documented: Lambda Developer Guide, "Configuring reserved concurrency for a function" and "Configuring
provisioned concurrency for a function". Texts, with their spaces, are recorded.
"""

from __future__ import annotations

from sagehen.concurrency.counting import Shares
from sagehen.concurrency.limits import Limits

# The only one of these refusals that AWS sends with a `Type` (recorded).
OVER_RESERVATION = (
    "Requested Provisioned Concurrency should not be greater than the"
    " reservedConcurrentExecution for function"
)


def reservation_refusal(shares: Shares, limits: Limits, name: str, wanted: int) -> str | None:
    """Say why a function may not reserve so much, in place of what it has reserved so far, or None.

    Worked example, limit 1000 of which 100 must stay unreserved: beside a function that reserves 200, another
    may reserve 700, and not less than what is provisioned on it. Beside one that has provisioned 30 without
    a reservation it may reserve 870: those 30 are nobody else's either.
    """
    provisioned = shares.provisioned.get(name, 0)
    if wanted < provisioned:
        # The spaces are AWS's.
        return (
            f" ReservedConcurrentExecutions  {wanted} should not be lower than function's total "
            f"provisioned concurrency [{provisioned}]."
        )
    left = shares.unreserved(limits, without=name) - shares.provisioned_unreserved(without=name)
    if left - wanted < limits.minimum_unreserved:
        return (
            "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{limits.minimum_unreserved}]."
        )
    return None


def provision_refusal(shares: Shares, limits: Limits, name: str, present: int, wanted: int) -> str | None:
    """Say why so much may not be provisioned on a version or alias, or None.

    It counts inside the function's reservation, or else inside what nobody has reserved.

    Args:
        name: The function.
        present: Provisioned on that version or alias so far: `wanted` takes its place.
        wanted: Environments.
    """
    total = shares.provisioned.get(name, 0) - present + wanted
    if name in shares.reserved:
        return OVER_RESERVATION if total > shares.reserved[name] else None
    unreserved = shares.unreserved(limits) - shares.provisioned_unreserved(without=name)
    if total > unreserved:
        return (
            "Specified ConcurrentExecutions for function is greater than account's unreserved "
            f"concurrency [{unreserved}]."
        )
    if unreserved - total < limits.minimum_unreserved:
        return (
            "Specified ConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{limits.minimum_unreserved}]."
        )
    return None
