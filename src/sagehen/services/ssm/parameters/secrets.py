"""Secrets: values that only a key of KMS opens, with the rights of who asks.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
"""

from __future__ import annotations

import base64

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.domain.encryption_keys import KeyUse, SecretKeys
from sagehen.domain.scope import Scope
from sagehen.services.ssm.errors import InvalidKeyId
from sagehen.services.ssm.parameters.parameter import ADVANCED, SECURE, Parameter

DEFAULT_KEY = "alias/aws/ssm"


class Secrets:
    """Seals and opens.

    Args:
        keys: KMS.
    """

    def __init__(self, keys: SecretKeys) -> None:
        self._keys = keys

    async def sealed(
        self, context: RequestContext, arn: str, value: str, key_id: str, tier: str
    ) -> tuple[str, str]:
        """Return a value as it is kept, in base64, and the ARN of its key.

        Raises:
            InvalidKeyId: KMS's own refusal is in the message.
            AccessDenied: Who asks may not use the key.
        """
        if key_id == DEFAULT_KEY:
            key_id = await self._keys.managed_key(context.scope, "ssm")
        # Documented: an advanced parameter's value is sealed with a data key of its own.
        action = "kms:GenerateDataKey" if tier == ADVANCED else "kms:Encrypt"
        try:
            blob, key_arn = self._keys.encrypt(
                self._use(context, context.scope, arn), key_id, value.encode(), action
            )
        except ServiceError as error:
            raise _refused(error) from None
        return base64.b64encode(blob).decode(), key_arn

    def opened(self, context: RequestContext, parameter: Parameter) -> str:
        """Return the value of a parameter.

        Raises:
            InvalidKeyId: KMS's own refusal is in the message.
            AccessDenied: Who asks may not use the key.
        """
        if parameter.type != SECURE:
            return parameter.value
        use = self._use(context, parameter.scope, parameter.arn)
        try:
            plain = self._keys.decrypt(use, parameter.key_arn, base64.b64decode(parameter.value))
        except ServiceError as error:
            raise _refused(error) from None
        return plain.decode()

    @staticmethod
    def _use(context: RequestContext, scope: Scope, arn: str) -> KeyUse:
        keys = {"PARAMETER_ARN": arn}
        return KeyUse(context.principal, scope, "ssm", keys, context.condition_keys())


def _refused(error: ServiceError) -> InvalidKeyId:
    return InvalidKeyId(f"{error.message} (Service: AWSKMS; Error Code: {error.code})")
