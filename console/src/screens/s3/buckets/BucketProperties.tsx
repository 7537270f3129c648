import {
  DeleteBucketPolicyCommand,
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { notify } from "../../../app/notices";
import { refusalOf } from "../../../aws/refusal";
import { KeyValues } from "../../../blocks/KeyValues";
import { Refused } from "../../../blocks/Refused";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { s3 } from "../client";

/** What S3 answers with a 404 where nothing has been set is no error here. */
async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (refusalOf(error).status === 404 && refusalOf(error).code !== "NoSuchBucket") return undefined;
    throw error;
  }
}

async function read(Bucket: string) {
  const client = s3();
  const [versioning, encryption, access, tags] = await Promise.all([
    client.send(new GetBucketVersioningCommand({ Bucket })),
    orNothing(client.send(new GetBucketEncryptionCommand({ Bucket }))),
    orNothing(client.send(new GetPublicAccessBlockCommand({ Bucket }))),
    orNothing(client.send(new GetBucketTaggingCommand({ Bucket }))),
  ]);
  return {
    versioning: versioning.Status,
    encryption:
      encryption?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault
        ?.SSEAlgorithm,
    blocked:
      Object.values(access?.PublicAccessBlockConfiguration ?? {}).every(Boolean) && access !== undefined,
    tags: tags?.TagSet?.map(({ Key, Value }) => `${Key}=${Value}`).join(", "),
  };
}

/** What a bucket is set to, and its policy. */
export function BucketProperties({ bucket }: { bucket: string }) {
  const live = useLive(["s3", `properties ${bucket}`], () => read(bucket));
  const enabled = live.data?.versioning === "Enabled";
  const toggle = async () => {
    const Status = enabled ? "Suspended" : "Enabled";
    try {
      await s3().send(
        new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }),
      );
    } catch (error) {
      notify.error("Versioning", error);
    }
    live.refresh();
  };
  return (
    <SpaceBetween size="l">
      <Refused of={live.data ? undefined : live.refusal} />
      {live.data && (
        <Container
          header={
            <Header
              variant="h2"
              actions={
                <Button onClick={() => void toggle()}>
                  {enabled ? "Suspend versioning" : "Enable versioning"}
                </Button>
              }
            >
              Properties
            </Header>
          }
        >
          <KeyValues
            columns={4}
            of={{
              Versioning: live.data.versioning ? <Status of={live.data.versioning} /> : "off",
              Encryption: live.data.encryption,
              "Public access": live.data.blocked ? "blocked" : "not blocked",
              Tags: live.data.tags,
            }}
          />
        </Container>
      )}
      <Policy bucket={bucket} />
    </SpaceBetween>
  );
}

function Policy({ bucket }: { bucket: string }) {
  const [edited, setEdited] = useState<string>();
  const live = useLive(["s3", `policy ${bucket}`], async () => {
    const answer = await orNothing(s3().send(new GetBucketPolicyCommand({ Bucket: bucket })));
    return answer?.Policy ? JSON.stringify(JSON.parse(answer.Policy), null, 2) : "";
  });
  const save = async () => {
    const text = edited?.trim() ?? "";
    try {
      await s3().send(
        text
          ? new PutBucketPolicyCommand({ Bucket: bucket, Policy: text })
          : (new DeleteBucketPolicyCommand({ Bucket: bucket }) as never),
      );
      notify.success(text ? "The policy is saved." : "The policy is removed.");
      setEdited(undefined);
    } catch (error) {
      notify.error("Save the policy", error);
    }
    live.refresh();
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            edited === undefined ? (
              <Button onClick={() => setEdited(live.data ?? "")}>Edit</Button>
            ) : (
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" onClick={() => setEdited(undefined)}>
                  Cancel
                </Button>
                <Button variant="primary" onClick={() => void save()}>
                  Save
                </Button>
              </SpaceBetween>
            )
          }
        >
          Policy
        </Header>
      }
    >
      <Refused of={live.data === undefined ? live.refusal : undefined} />
      {edited !== undefined ? (
        <Textarea
          ariaLabel="Policy"
          rows={16}
          value={edited}
          onChange={({ detail }) => setEdited(detail.value)}
          spellcheck={false}
          placeholder="Empty: no policy"
        />
      ) : live.data ? (
        <pre className="text">{live.data}</pre>
      ) : (
        <Box color="text-body-secondary">The bucket has no policy: only its own account's rights count.</Box>
      )}
    </Container>
  );
}
