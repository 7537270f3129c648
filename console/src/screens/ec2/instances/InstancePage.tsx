import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { to } from "../../../app/links";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import { GoTo } from "../../../blocks/links/GoTo";
import { ActionsButton } from "../../../blocks/list/ActionsButton";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { ec2 } from "../client";
import { CreateImage } from "../images/CreateImage";
import { actionsWith } from "./actions";
import { Connect } from "./Connect";
import { Console } from "./Console";
import { isChanging, named, refusesTo, stateOf, userOf } from "./instance";

/** One machine: how it does, how one gets in, what its console says. */
export default function InstancePage() {
  const { id = "" } = useParams();
  const navigate = useNavigate();
  const [terminating, setTerminating] = useState(false);
  const [imaging, setImaging] = useState(false);
  const live = useLive(
    ["ec2", "instances", id],
    async () => {
      const { Reservations } = await ec2().send(new DescribeInstancesCommand({ InstanceIds: [id] }));
      return Reservations?.[0]?.Instances?.[0];
    },
    { changing: (one) => one !== undefined && isChanging(one) },
  );
  const one = live.data;
  const image = useLive(
    ["ec2", "images", one?.ImageId],
    async () => (await ec2().send(new DescribeImagesCommand({ ImageIds: [one?.ImageId ?? ""] }))).Images?.[0],
    { enabled: one?.ImageId !== undefined },
  );
  return (
    <Page
      crumbs={[
        { text: "EC2", to: "/ec2/instances" },
        { text: "Instances", to: "/ec2/instances" },
        { text: named(one?.Tags) ?? id },
      ]}
      title={named(one?.Tags) ?? id}
      description={<LiveMark of={live} />}
      refusal={one ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="refresh" ariaLabel="Look again" onClick={live.refresh} />
          {one && (
            <ActionsButton
              actions={actionsWith(() => setImaging(true))}
              chosen={[one]}
              onDone={live.refresh}
            />
          )}
          <Button
            disabled={!one || refusesTo("terminate", one) !== undefined}
            onClick={() => setTerminating(true)}
          >
            Terminate
          </Button>
        </SpaceBetween>
      }
    >
      {one && (
        <Container>
          <KeyValues
            of={{
              Instance: <Copyable text={id} />,
              State: <Status of={stateOf(one)} />,
              ...(one.StateReason?.Message ? { Reason: one.StateReason.Message } : {}),
              Type: one.InstanceType,
              Image: image.data?.Name ?? one.ImageId,
              "Public address": <Copyable text={one.PublicIpAddress || undefined} />,
              "Private address": <Copyable text={one.PrivateIpAddress || undefined} />,
              "Public name": <Copyable text={one.PublicDnsName || undefined} />,
              Zone: one.Placement?.AvailabilityZone,
              "Key pair": one.KeyName,
              "Instance profile": one.IamInstanceProfile?.Arn?.split("/").at(-1),
              "Security groups": (
                <SpaceBetween direction="horizontal" size="xs">
                  {(one.SecurityGroups ?? []).map(({ GroupId = "", GroupName }) => (
                    <GoTo key={GroupId} to={to("ec2", "security-groups", GroupId)}>
                      {GroupName}
                    </GoTo>
                  ))}
                </SpaceBetween>
              ),
              Volumes: one.BlockDeviceMappings?.map(
                (disk) => `${disk.DeviceName} ${disk.Ebs?.VolumeId}`,
              ).join(", "),
              "Bought as": one.InstanceLifecycle ?? "on-demand",
              Launched: <Ago at={one.LaunchTime} />,
            }}
          />
        </Container>
      )}
      {one && (
        <Tabs
          ariaLabel="About the instance"
          tabs={[
            {
              id: "connect",
              label: "Connect",
              content: <Connect instance={one} user={userOf(image.data?.Name)} />,
            },
            { id: "console", label: "Console output", content: <Console id={id} /> },
          ]}
        />
      )}
      {imaging && <CreateImage machine={id} onClose={() => setImaging(false)} />}
      {terminating && one && (
        <DeleteModal
          words={{ one: "instance", many: "instances" }}
          items={[id]}
          nameOf={(name) => name}
          verb="Terminate"
          consequence="Its root disk goes, with all that is on it."
          remove={() => ec2().send(new TerminateInstancesCommand({ InstanceIds: [id] }))}
          onClose={(done) => {
            setTerminating(false);
            if (done) void navigate("/ec2/instances");
          }}
        />
      )}
    </Page>
  );
}
