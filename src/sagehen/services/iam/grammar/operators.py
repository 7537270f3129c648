"""The operators of Condition blocks: one policy value against one value of the request.

A comparison is made once per policy value when the statement is compiled; only values with policy
variables are made again for each request. Negated operators are the positive ones turned round.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
from collections.abc import Callable
from datetime import UTC, datetime

from sagehen.services.iam.grammar import patterns

Compare = Callable[[str], bool]
# Takes the policy's value, returns the comparison with the request's; raises ValueError on nonsense.
Make = Callable[[str], Compare]


def _string_equals(value: str) -> Compare:
    wanted = patterns.literal(value)
    return lambda actual: actual == wanted


def _string_equals_ignore_case(value: str) -> Compare:
    wanted = patterns.literal(value).casefold()
    return lambda actual: actual.casefold() == wanted


def _string_like(value: str) -> Compare:
    return patterns.compiled(patterns.glob(value))


def _arn_like(value: str) -> Compare:
    return patterns.compiled(patterns.condition_arn(value))


def _bool(value: str) -> Compare:
    wanted = value.lower()
    return lambda actual: actual.lower() == wanted


def _binary_equals(value: str) -> Compare:
    try:
        wanted = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {value!r}") from error

    def compare(actual: str) -> bool:
        try:
            return base64.b64decode(actual, validate=True) == wanted
        except binascii.Error:
            return False

    return compare


def _ip_address(value: str) -> Compare:
    network = ipaddress.ip_network(value, strict=False)

    def compare(actual: str) -> bool:
        try:
            address = ipaddress.ip_address(actual)
        except ValueError:
            return False
        return address in network  # one of the other version never is

    return compare


def parse_date(text: str) -> float:
    """Return seconds since the epoch of an ISO 8601 date or of epoch seconds.

    Raises:
        ValueError: It is neither.
    """
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _ordered(read: Callable[[str], float], test: Callable[[float, float], bool]) -> Make:
    """Make an operator that compares what `read` makes of both values; what it cannot read is no match."""

    def make(value: str) -> Compare:
        wanted = read(value)

        def compare(actual: str) -> bool:
            try:
                return test(read(actual), wanted)
            except ValueError:
                return False

        return compare

    return make


# lower-case name -> (maker, negated). `Null` is not here: it asks for presence, not for values.
OPERATORS: dict[str, tuple[Make, bool]] = {
    "stringequals": (_string_equals, False),
    "stringnotequals": (_string_equals, True),
    "stringequalsignorecase": (_string_equals_ignore_case, False),
    "stringnotequalsignorecase": (_string_equals_ignore_case, True),
    "stringlike": (_string_like, False),
    "stringnotlike": (_string_like, True),
    "numericequals": (_ordered(float, operator.eq), False),
    "numericnotequals": (_ordered(float, operator.eq), True),
    "numericlessthan": (_ordered(float, operator.lt), False),
    "numericlessthanequals": (_ordered(float, operator.le), False),
    "numericgreaterthan": (_ordered(float, operator.gt), False),
    "numericgreaterthanequals": (_ordered(float, operator.ge), False),
    "dateequals": (_ordered(parse_date, operator.eq), False),
    "datenotequals": (_ordered(parse_date, operator.eq), True),
    "datelessthan": (_ordered(parse_date, operator.lt), False),
    "datelessthanequals": (_ordered(parse_date, operator.le), False),
    "dategreaterthan": (_ordered(parse_date, operator.gt), False),
    "dategreaterthanequals": (_ordered(parse_date, operator.ge), False),
    "bool": (_bool, False),
    "binaryequals": (_binary_equals, False),
    "ipaddress": (_ip_address, False),
    "notipaddress": (_ip_address, True),
    # AWS: the Equals and Like forms of ARN operators behave identically.
    "arnequals": (_arn_like, False),
    "arnlike": (_arn_like, False),
    "arnnotequals": (_arn_like, True),
    "arnnotlike": (_arn_like, True),
}


def split_operator(name: str) -> tuple[str, str, bool]:
    """Return (qualifier, operator, if_exists) of a name such as `ForAnyValue:StringLikeIfExists`."""
    lowered = name.lower()
    qualifier, _, base = lowered.rpartition(":")
    if_exists = base.endswith("ifexists")
    return qualifier, base.removesuffix("ifexists") if if_exists else base, if_exists
