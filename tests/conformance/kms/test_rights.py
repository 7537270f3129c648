"""Who may use a key: its policy must say so, by itself, through the account, or by a grant."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.conformance.kms.conftest import User, code_of

USE = {"Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}
ROOT = {"AWS": "arn:aws:iam::123456789012:root"}


def policy(*statements: dict[str, Any]) -> str:
    keep = {"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [keep, *statements]})


def test_the_default_policy_leaves_it_to_the_account(key: str, user: User) -> None:
    stranger, _ = user()
    assert code_of(stranger.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"
    friend, _ = user(USE)
    blob = friend.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert friend.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert code_of(stranger.decrypt, CiphertextBlob=blob) == "AccessDeniedException"


def test_without_the_policys_word_the_accounts_policies_count_for_nothing(
    kms: Any, key: str, user: User
) -> None:
    owner, arn = user({"Effect": "Allow", "Action": "kms:*", "Resource": "*"})
    named = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "kms:*", "Resource": "*"}
    kms.put_key_policy(
        KeyId=key,
        Policy=json.dumps({"Version": "2012-10-17", "Statement": [named]}),
        BypassPolicyLockoutSafetyCheck=True,
    )
    other, _ = user({"Effect": "Allow", "Action": "kms:*", "Resource": "*"})
    assert code_of(other.describe_key, KeyId=key) == "AccessDeniedException"
    assert code_of(kms.describe_key, KeyId=key) == "AccessDeniedException"  # root neither
    assert owner.describe_key(KeyId=key)["KeyMetadata"]["Arn"] == key
    shown = json.loads(owner.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    assert shown["Statement"][0]["Principal"] == {"AWS": arn}


def test_nobody_locks_himself_out_unasked(kms: Any, key: str) -> None:
    nothing = {"Effect": "Allow", "Principal": ROOT, "Action": "kms:Encrypt", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [nothing]})
    assert code_of(kms.put_key_policy, KeyId=key, Policy=document) == "MalformedPolicyDocumentException"
    assert code_of(kms.create_key, Policy=document) == "MalformedPolicyDocumentException"
    assert kms.encrypt(KeyId=key, Plaintext=b"x")


@pytest.mark.parametrize("document", ["{", "[]", policy({"Effect": "Maybe"})])
def test_policies_that_are_none(kms: Any, key: str, document: str) -> None:
    assert code_of(kms.put_key_policy, KeyId=key, Policy=document) == "MalformedPolicyDocumentException"


def test_another_account_needs_both_sides(kms: Any, client: Any, key: str) -> None:
    theirs = client("kms", account="210987654321")
    assert code_of(theirs.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"
    other = {"AWS": "arn:aws:iam::210987654321:root"}
    kms.put_key_policy(
        KeyId=key,
        Policy=policy({"Effect": "Allow", "Principal": other, "Action": "kms:Encrypt", "Resource": "*"}),
    )
    assert theirs.encrypt(KeyId=key, Plaintext=b"x")["KeyId"] == key


def test_conditions_see_the_encryption_context_and_the_alias(kms: Any, key: str, user: User) -> None:
    condition = {"StringEquals": {"kms:EncryptionContext:team": "dogs"}}
    friend, _ = user({**USE, "Condition": condition})
    assert friend.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"team": "dogs"})
    assert code_of(friend.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"
    by_alias, _ = user({**USE, "Condition": {"StringEquals": {"kms:RequestAlias": "alias/by-name"}}})
    kms.create_alias(AliasName="alias/by-name", TargetKeyId=key)
    try:
        assert by_alias.encrypt(KeyId="alias/by-name", Plaintext=b"x")
        assert code_of(by_alias.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"
    finally:
        kms.delete_alias(AliasName="alias/by-name")


def test_a_grant_gives_what_it_names_until_it_is_revoked(kms: Any, key: str, user: User) -> None:
    friend, arn = user()
    made = kms.create_grant(
        KeyId=key,
        GranteePrincipal=arn,
        Operations=["Encrypt", "DescribeKey"],
        Constraints={"EncryptionContextSubset": {"team": "dogs"}},
        Name="once",
    )
    again = kms.create_grant(
        KeyId=key,
        GranteePrincipal=arn,
        Operations=["Encrypt", "DescribeKey"],
        Constraints={"EncryptionContextSubset": {"team": "dogs"}},
        Name="once",
    )
    assert again["GrantId"] == made["GrantId"]
    assert friend.describe_key(KeyId=key)
    context = {"team": "dogs", "more": "is fine"}
    blob = friend.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
    assert code_of(friend.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"
    assert code_of(friend.decrypt, CiphertextBlob=blob, EncryptionContext=context) == "AccessDeniedException"
    [entry] = kms.list_grants(KeyId=key)["Grants"]
    assert (entry["GranteePrincipal"], entry["Operations"]) == (arn, ["Encrypt", "DescribeKey"])
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
    assert code_of(friend.describe_key, KeyId=key) == "AccessDeniedException"
    assert kms.list_grants(KeyId=key)["Grants"] == []


def test_a_token_is_a_grants_or_refused(kms: Any, key: str, user: User) -> None:
    friend, arn = user()
    made = kms.create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Encrypt", "ReEncryptFrom"])
    tokens = {"GrantTokens": [made["GrantToken"]]}
    blob = friend.encrypt(KeyId=key, Plaintext=b"x", **tokens)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, **tokens)["Plaintext"] == b"x"
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
    for wrong in (tokens, {"GrantTokens": ["no token"]}):
        assert code_of(kms.encrypt, KeyId=key, Plaintext=b"x", **wrong) == "InvalidGrantTokenException"
        assert code_of(kms.decrypt, CiphertextBlob=blob, **wrong) == "InvalidGrantTokenException"
        again = {"CiphertextBlob": blob, "DestinationKeyId": key, **wrong}
        assert code_of(kms.re_encrypt, **again) == "InvalidGrantTokenException"


def test_equal_contexts_have_no_other_name(kms: Any, key: str, user: User) -> None:
    friend, arn = user()
    kms.create_grant(
        KeyId=key,
        GranteePrincipal=arn,
        Operations=["Encrypt"],
        Constraints={"EncryptionContextEquals": {"team": "dogs"}},
    )
    assert friend.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"team": "dogs"})
    wider = {"team": "dogs", "more": "is not"}
    assert code_of(friend.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext=wider) == (
        "AccessDeniedException"
    )


def test_a_denial_is_stronger_than_a_grant(kms: Any, key: str, user: User) -> None:
    friend, arn = user({"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"})
    kms.create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Encrypt"])
    assert code_of(friend.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"


def test_who_is_named_to_retire_a_grant_may(kms: Any, key: str, user: User) -> None:
    friend, arn = user()
    retiring, retiring_arn = user()
    made = kms.create_grant(
        KeyId=key, GranteePrincipal=arn, RetiringPrincipal=retiring_arn, Operations=["Encrypt"]
    )
    assert code_of(friend.retire_grant, GrantToken=made["GrantToken"]) == "AccessDeniedException"
    [listed] = kms.list_retirable_grants(RetiringPrincipal=retiring_arn)["Grants"]
    assert listed["GrantId"] == made["GrantId"]
    retiring.retire_grant(GrantToken=made["GrantToken"])
    assert kms.list_grants(KeyId=key)["Grants"] == []
    nobody = "arn:aws:iam::123456789012:user/nobody-at-all"
    assert code_of(kms.create_grant, KeyId=key, GranteePrincipal=nobody, Operations=["Encrypt"]) == (
        "InvalidArnException"
    )


def test_re_encryption_is_judged_by_both_keys_own_conditions(kms: Any, key: str, user: User) -> None:
    """Tags and aliases of the key that is written with count as those of the key that is read with."""
    tagged = kms.create_key(Tags=[{"TagKey": "owner", "TagValue": "others"}])["KeyMetadata"]["Arn"]
    closed = {
        "Effect": "Deny",
        "Action": "kms:ReEncryptTo",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/owner": "others"}},
    }
    friend, _ = user({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}, closed)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    arguments = {"CiphertextBlob": blob, "DestinationKeyId": tagged}
    assert code_of(friend.re_encrypt, **arguments) == "AccessDeniedException"
    assert friend.re_encrypt(CiphertextBlob=blob, DestinationKeyId=key)["KeyId"] == key


def test_re_encryption_may_be_bound_to_one_key(kms: Any, key: str, user: User) -> None:
    """Both actions know whether the keys are one, and each the algorithm of its own side."""
    other = kms.create_key()["KeyMetadata"]["Arn"]
    one = {"kms:ReEncryptOnSameKey": "true"}
    read = {**one, "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    friend, _ = user(
        {
            "Effect": "Allow",
            "Action": "kms:ReEncryptFrom",
            "Resource": "*",
            "Condition": {"StringEquals": read},
        },
        {"Effect": "Allow", "Action": "kms:ReEncryptTo", "Resource": "*"},
    )
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    arguments = {"CiphertextBlob": blob, "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    assert code_of(friend.re_encrypt, **arguments, DestinationKeyId=other) == "AccessDeniedException"
    assert friend.re_encrypt(**arguments, DestinationKeyId=key)["KeyId"] == key
    assert friend.re_encrypt(**arguments, SourceKeyId=key, DestinationKeyId=key)["KeyId"] == key


def test_the_right_to_retire_is_one_grants_and_one_users(kms: Any, key: str, user: User, client: Any) -> None:
    grantee, arn = user()
    own = kms.create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Encrypt", "RetireGrant"])
    other = kms.create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Decrypt"])
    assert code_of(grantee.retire_grant, GrantToken=other["GrantToken"]) == "AccessDeniedException"
    grantee.retire_grant(GrantToken=own["GrantToken"])
    iam = client("iam")
    namesake = iam.create_user(UserName="retires")["User"]["Arn"]
    made = kms.create_grant(
        KeyId=key, GranteePrincipal=arn, RetiringPrincipal=namesake, Operations=["Encrypt"]
    )
    iam.delete_user(UserName="retires")
    iam.create_user(UserName="retires")
    access = iam.create_access_key(UserName="retires")["AccessKey"]
    later = client("kms", credentials={**access, "SessionToken": None})
    assert code_of(later.retire_grant, GrantToken=made["GrantToken"]) == "AccessDeniedException"
    iam.delete_access_key(UserName="retires", AccessKeyId=access["AccessKeyId"])
    iam.delete_user(UserName="retires")


def test_a_key_may_be_kept_for_services(kms: Any, key: str, client: Any) -> None:
    """Who asks through a service is told from who asks by himself."""
    by_oneself = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:GenerateDataKey",
        "Resource": "*",
        "Condition": {"Bool": {"aws:ViaAWSService": "false"}},
    }
    kms.put_key_policy(KeyId=key, Policy=policy(by_oneself))
    assert code_of(kms.generate_data_key, KeyId=key, KeySpec="AES_256") == "AccessDeniedException"
    s3, bucket = client("s3"), f"kept-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    written = {"Bucket": bucket, "Key": "k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    assert s3.put_object(**written, Body=b"x")["SSEKMSKeyId"] == key
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)
