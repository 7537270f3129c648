"""Checks whether there is room for what is to be set aside; `sagehen.concurrency.room` decides."""

from __future__ import annotations

from sagehen.concurrency.counting import Shares
from sagehen.concurrency.limits import Limits
from sagehen.concurrency.room import OVER_RESERVATION, provision_refusal, reservation_refusal
from sagehen.services.lambda_.errors import InvalidParameterValueException


def check_reservation(shares: Shares, limits: Limits, name: str, wanted: int) -> None:
    """Check what a function wants to reserve.

    Raises:
        InvalidParameterValueException.
    """
    _raise(reservation_refusal(shares, limits, name, wanted))


def check_provision(shares: Shares, limits: Limits, name: str, present: int, wanted: int) -> None:
    """Check what is to be provisioned on a version or alias that has `present` so far.

    Raises:
        InvalidParameterValueException.
    """
    _raise(provision_refusal(shares, limits, name, present, wanted))


def _raise(refusal: str | None) -> None:
    if refusal is not None:
        raise InvalidParameterValueException(refusal, untyped=refusal != OVER_RESERVATION)
