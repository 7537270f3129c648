"""A key pair that a stack makes: its private half is in Parameter Store, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_ssh_private_key,
    load_ssh_public_key,
)

from tests.conformance.cloudformation.stacks import create, ended, failures, new_name, outputs

TEMPLATE = """
Parameters:
  Name: {Type: String}
  Kind: {Type: String, Default: ed25519}
Resources:
  Pair:
    Type: AWS::EC2::KeyPair
    Properties:
      KeyName: !Ref Name
      KeyType: !Ref Kind
      Tags: [{Key: team, Value: owls}]
Outputs:
  Id: {Value: !GetAtt Pair.KeyPairId}
  Fingerprint: {Value: !GetAtt Pair.KeyFingerprint}
"""


def test_the_private_half_of_a_pair_is_in_parameter_store_until_the_stack_goes(client: Any) -> None:
    cloudformation, ec2, ssm, name = client("cloudformation"), client("ec2"), client("ssm"), new_name()

    def given(**values: str) -> list[dict[str, str]]:
        named = {"Name": name, **values}
        return [{"ParameterKey": key, "ParameterValue": value} for key, value in named.items()]

    stack = create(cloudformation, TEMPLATE, Parameters=given())
    told = ended(cloudformation, stack)
    assert told["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, stack)
    pair_id = outputs(told)["Id"]
    [pair] = ec2.describe_key_pairs(KeyNames=[name], IncludePublicKey=True)["KeyPairs"]
    assert pair["KeyPairId"] == pair_id and pair["KeyFingerprint"] == outputs(told)["Fingerprint"]
    assert {"Key": "team", "Value": "owls"} in pair["Tags"]
    kept = ssm.get_parameter(Name=f"/ec2/keypair/{pair_id}", WithDecryption=True)["Parameter"]
    assert kept["Type"] == "SecureString"
    private = load_ssh_private_key(kept["Value"].encode(), None)
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    assert (
        load_ssh_public_key(pair["PublicKey"].encode()).public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        == public
    )

    # Another kind would be another pair, of the same name: AWS refuses that.
    cloudformation.update_stack(StackName=stack, UsePreviousTemplate=True, Parameters=given(Kind="rsa"))
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "custom-named resource requires replacing" in failures(cloudformation, stack)[0]
    assert ssm.get_parameter(Name=f"/ec2/keypair/{pair_id}")["Parameter"]["Version"] == 1

    cloudformation.delete_stack(StackName=stack)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE", failures(cloudformation, stack)
    with pytest.raises(ClientError, match=r"InvalidKeyPair\.NotFound"):
        ec2.describe_key_pairs(KeyNames=[name])
    with pytest.raises(ClientError, match="ParameterNotFound"):
        ssm.get_parameter(Name=f"/ec2/keypair/{pair_id}")
