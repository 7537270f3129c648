"""What a new account begins with: an execution role, so that notebooks and jobs run at once."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.policies.records import PolicyRecords
from sagehen.store.database import Transaction

EXECUTION_ROLE_NAME = "SagehenSageMakerExecutionRole"
EXECUTION_ROLE_PATH = "/service-role/"
_POLICIES = (
    "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",
    "arn:aws:iam::aws:policy/AmazonS3FullAccess",
)
_INLINE_POLICY_NAME = "OwnRole"


def _own_role_policy(role: Entity) -> str:
    """What the SageMaker SDKs ask about the role they run under; AmazonSageMakerFullAccess lacks it.

    `get_execution_role()` reads the role to learn its path, and v3 simulates its policies.
    """
    actions = ["iam:GetRole", "iam:SimulatePrincipalPolicy"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": role.arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _trust_policy(account_id: str) -> str:
    # The account's root is trusted too, so that `sagehen env --role` can hand out a session.
    principals = ({"Service": "sagemaker.amazonaws.com"}, {"AWS": f"arn:aws:iam::{account_id}:root"})
    statements = [
        {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} for principal in principals
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


async def make_execution_roles(records: Records, clock: Clock, ids: Ids, accounts: Sequence[str]) -> None:
    """Make the role in every account that never had it; one that was deleted stays deleted."""
    now = clock.now()

    def change(tx: Transaction) -> None:
        known = {row["account_id"] for row in tx.execute("SELECT account_id FROM iam_bootstrapped")}
        for account_id in accounts:
            if account_id in known:
                continue
            tx.execute("INSERT INTO iam_bootstrapped VALUES (?, ?)", (account_id, now.timestamp()))
            role = Entity(
                account_id,
                Kind.ROLE,
                EXECUTION_ROLE_NAME,
                EXECUTION_ROLE_PATH,
                ids.unique_id(Kind.ROLE.id_prefix),
                created_at=now,
                updated_at=now,
                description="SageMaker execution role made on the first start",
                trust_policy=_trust_policy(account_id),
                max_session_s=43200,
            )
            records.insert(tx, role)
            PolicyRecords.put_inline(tx, role.unique_id, _INLINE_POLICY_NAME, _own_role_policy(role))
            for arn in _POLICIES:
                PolicyRecords.attach(tx, role.unique_id, arn)

    await records.write(change)
