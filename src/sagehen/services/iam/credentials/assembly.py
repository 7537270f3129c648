"""The operations of `credentials`, built of what they share."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.iam.credentials.access_keys import AccessKeys
from sagehen.services.iam.credentials.certificates import Certificates
from sagehen.services.iam.credentials.login_profiles import LoginProfiles
from sagehen.services.iam.credentials.mfa_codes import MfaCodes
from sagehen.services.iam.credentials.mfa_devices import MfaDevices
from sagehen.services.iam.credentials.password_policy import PasswordPolicies
from sagehen.services.iam.credentials.service_credentials import ServiceCredentials
from sagehen.services.iam.entities.last_used import LastUsed
from sagehen.services.iam.entities.records import Records


def credential_operations(
    records: Records, codes: MfaCodes, clock: Clock, ids: Ids, last_used: LastUsed
) -> tuple[object, ...]:
    """Return who serves the operations, for `api.Service`; STS asks the same `codes`."""
    passwords = PasswordPolicies(records)
    return (
        AccessKeys(records, clock, ids, last_used),
        ServiceCredentials(records, clock, ids),
        Certificates(records),
        passwords,
        LoginProfiles(records, clock, passwords),
        MfaDevices(records, codes, clock, ids),
    )
