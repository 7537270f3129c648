"""Whether an account has the concurrency that a request wants to set aside. Pure decisions, AWS's words.

Documented: Lambda Developer Guide, "Configuring reserved concurrency for a function" and "Configuring
provisioned concurrency for a function". Texts, with their spaces, are recorded.
"""

from __future__ import annotations

from sagehen.services.lambda_.concurrency.counting import Shares
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.limits import Limits


def check_reservation(shares: Shares, limits: Limits, name: str, wanted: int) -> None:
    """Check what a function wants to reserve, in place of what it has reserved so far.

    Worked example, limit 1000 of which 100 must stay unreserved: beside a function that reserves 200, another
    may reserve 700, and not less than what is provisioned on it.

    Raises:
        InvalidParameterValueException.
    """
    provisioned = shares.provisioned.get(name, 0)
    if wanted < provisioned:
        raise InvalidParameterValueException(
            # The spaces are AWS's.
            f" ReservedConcurrentExecutions  {wanted} should not be lower than function's total "
            f"provisioned concurrency [{provisioned}].",
            untyped=True,
        )
    if shares.unreserved(limits, without=name) - wanted < limits.minimum_unreserved:
        raise InvalidParameterValueException(
            "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{limits.minimum_unreserved}].",
            untyped=True,
        )


def check_provision(shares: Shares, limits: Limits, name: str, present: int, wanted: int) -> None:
    """Check what is to be provisioned on a version or alias.

    It counts inside the function's reservation, or else inside what nobody has reserved.

    Args:
        name: The function.
        present: Provisioned on that version or alias so far: `wanted` takes its place.
        wanted: Environments.

    Raises:
        InvalidParameterValueException.
    """
    total = shares.provisioned.get(name, 0) - present + wanted
    if name in shares.reserved:
        if total > shares.reserved[name]:
            raise InvalidParameterValueException(
                "Requested Provisioned Concurrency should not be greater than the "
                "reservedConcurrentExecution for function"
            )
        return
    others = sum(
        count for owner, count in shares.provisioned.items() if owner not in shares.reserved and owner != name
    )
    unreserved = shares.unreserved(limits) - others
    if total > unreserved:
        raise InvalidParameterValueException(
            "Specified ConcurrentExecutions for function is greater than account's unreserved "
            f"concurrency [{unreserved}].",
            untyped=True,
        )
    if unreserved - total < limits.minimum_unreserved:
        raise InvalidParameterValueException(
            "Specified ConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{limits.minimum_unreserved}].",
            untyped=True,
        )
