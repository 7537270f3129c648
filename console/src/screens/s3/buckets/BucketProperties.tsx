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
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { notify } from "../../../app/notices";
import { refusalOf } from "../../../aws/refusal";
import { KeyValues } from "../../../blocks/KeyValues";
import { Refused } from "../../../blocks/Refused";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { DocumentBox } from "../../iam/documents/DocumentBox";
import { readers } from "../../iam/documents/examples";
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
  const live = useLive(["s3", `policy ${bucket}`], async () => {
    const answer = await orNothing(s3().send(new GetBucketPolicyCommand({ Bucket: bucket })));
    return answer?.Policy ? JSON.stringify(JSON.parse(answer.Policy), null, 2) : "";
  });
  if (live.data === undefined) return <Refused of={live.refusal} />;
  const asked = async (answer: Promise<unknown>) => {
    await answer;
    live.refresh();
  };
  return (
    <DocumentBox
      title="Bucket policy"
      kind="resource"
      text={live.data}
      save={(Policy) => asked(s3().send(new PutBucketPolicyCommand({ Bucket: bucket, Policy })))}
      remove={() => asked(s3().send(new DeleteBucketPolicyCommand({ Bucket: bucket })))}
      none={{
        hint: "It has none: who may read and write is a matter of the identities' own policies.",
        example: readers("s3:GetObject", `arn:aws:s3:::${bucket}/*`),
      }}
    />
  );
}
