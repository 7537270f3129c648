"""MfaCodes: whether one-time passwords are those of a device; each counts once.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html
"""

from __future__ import annotations

from sagehen.api.operation import Request
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.services.iam.credentials import totp
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import InvalidAuthenticationCode, NoSuchEntity
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords, Stored

# How far, in steps of 30 s, a device's clock may be off: when it is enabled, and when it is synced
# again. A code is taken one step early or late. RFC 6238 section 5.2 leaves the choice to the server
# and recommends one step; AWS's own reach is not documented.
ENABLE_REACH, RESYNC_REACH, _USE_REACH = 3, 40, 1


class MfaCodes:
    """What STS asks of a code that comes with a request, and IAM of two that enable a device."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._objects = ObjectRecords(records)
        self._clock = clock

    def check_code(self, caller: Principal, serial: str | None, code: str | None) -> bool:
        """Tell whether a request brought the caller's one-time password; False where it brought none.

        Raises:
            AccessDenied: It is not the code of a device of the caller, or was used before.
        """
        if serial is None and code is None:
            return False
        self._step(caller, serial, code)
        return True

    async def use_code(self, caller: Principal, serial: str, code: str) -> None:
        """Take the code: it counts once.

        Raises:
            AccessDenied: As `check_code`.
        """
        stored, step = self._step(caller, serial, code)

        def used(current: Stored) -> Stored:
            if current.body.get("last_step", 0) >= step:
                raise _failed(" with invalid MFA one time pass code. ")
            return current.with_body(last_step=step, offset=step - self._now())

        await self._objects.change(stored, used, missing_device(stored.name))

    def _step(self, caller: Principal, serial: str | None, code: str | None) -> tuple[Stored, int]:
        if serial is None or code is None:
            raise _failed(", must provide both MFA serial number and one time pass code.")
        stored = self._objects.find(caller.account_id, ObjectKind.MFA_DEVICE, serial)
        long_lived = caller.kind is PrincipalKind.USER and caller.issued_at is None
        if stored is None or not long_lived or stored.owner_id != caller.owner_id:
            raise _failed(
                ", unable to validate MFA code.  Please verify your MFA serial number is valid and associated"
                " with this user."
            )
        around = self._now() + stored.body.get("offset", 0)
        last = stored.body.get("last_step", 0)
        step = totp.find_step(stored.body["seed"], code, around, _USE_REACH, after=last)
        if step is None:
            raise _failed(" with invalid MFA one time pass code. ")
        return stored, step

    def _now(self) -> int:
        return int(self._clock.now().timestamp()) // totp.STEP_S

    def pair(self, stored: Stored, request: Request, reach: int) -> dict[str, float]:
        """Return what a device's two codes tell of its clock.

        Raises:
            InvalidAuthenticationCode
        """
        codes = request["AuthenticationCode1"], request["AuthenticationCode2"]
        now = self._now()
        step = totp.find_pair(stored.body["seed"], *codes, now, reach)
        if step is None:
            raise InvalidAuthenticationCode("Authentication code for device is not valid.")
        return {"offset": step - now, "last_step": step}


def missing_device(serial: str) -> NoSuchEntity:
    """Return the refusal of a serial number that is no device's, or not the user's."""
    return NoSuchEntity(f"MFA Device with serial number {serial} does not exist.")


def _failed(how: str) -> AccessDenied:
    return AccessDenied(f"MultiFactorAuthentication failed{how}")
