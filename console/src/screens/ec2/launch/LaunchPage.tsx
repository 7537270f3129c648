import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { to } from "../../../app/links";
import { notify } from "../../../app/notices";
import { type Refusal, refusalOf } from "../../../aws/refusal";
import { Commands } from "../../../blocks/Commands";
import { Page } from "../../../blocks/Page";
import { Refused } from "../../../blocks/Refused";
import { dollars } from "../../platform/cost/dollars";
import { ec2 } from "../client";
import { requestOf, sizeOf, type Wish } from "./choices";
import { useChoices } from "./useChoices";

const NOTHING: Wish = {
  name: "",
  image: "",
  type: "t3.micro",
  count: 1,
  key: "",
  groups: [],
  profile: "",
  sizeGb: 0,
  userData: "",
  spot: false,
};

/** What a choice that may be left out begins with. */
const none = (label: string): SelectProps.Option => ({ value: "", label });

const chosen = (options: SelectProps.Option[], value: string) =>
  options.find((option) => option.value === value) ?? null;

/** Launches machines, at a price that is seen before. */
export default function LaunchPage() {
  const navigate = useNavigate();
  const [asked] = useSearchParams();
  const [wish, setWish] = useState({ ...NOTHING, image: asked.get("image") ?? "" });
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const { images, types, keys, groups, profiles } = useChoices();
  const change = (part: Partial<Wish>) => setWish((before) => ({ ...before, ...part }));

  // What is first may go while one looks; what was chosen, or asked for by an address, is meant.
  const wanted = { ...wish, image: wish.image || (images.data?.[0]?.ImageId ?? "") };
  const image = images.data?.find(({ ImageId }) => ImageId === wanted.image);
  const type = types.data?.find(({ name }) => name === wish.type);
  const request = requestOf(wanted, image?.RootDeviceName);
  const launch = async () => {
    setBusy(true);
    setRefusal(undefined);
    try {
      const ids = ((await ec2().send(new RunInstancesCommand(request))).Instances ?? []).map(
        (one) => one.InstanceId ?? "",
      );
      notify.success(`Launched ${ids.join(", ")}.`);
      void navigate(ids.length === 1 && ids[0] ? to("ec2", "instances", ids[0]) : "/ec2/instances");
    } catch (error) {
      setRefusal(refusalOf(error));
      setBusy(false);
    }
  };

  const imageOptions = (images.data ?? []).map(({ ImageId = "", Name, Description }) => ({
    value: ImageId,
    label: Name ?? ImageId,
    description: Description ?? "",
    tags: [ImageId],
  }));
  const typeOptions = (types.data ?? []).map((one) => ({
    value: one.name,
    label: one.name,
    description: sizeOf(one),
    labelTag: one.usdPerHour === null ? "price not known" : `${dollars(one.usdPerHour)} per hour`,
  }));
  const keyOptions = [
    none("None: Run Command and sagehen ssh alone"),
    ...(keys.data ?? []).map(({ KeyName = "" }) => ({ value: KeyName })),
  ];
  const groupOptions = (groups.data ?? []).map(({ GroupId = "", GroupName = GroupId, Description = "" }) => ({
    value: GroupId,
    label: GroupName,
    description: Description,
  }));
  const profileOptions = [
    none("None: no rights"),
    ...(profiles.data ?? []).map(({ InstanceProfileName = "" }) => ({ value: InstanceProfileName })),
  ];

  return (
    <Page
      crumbs={[{ text: "EC2", to: "/ec2/instances" }, { text: "Launch instances" }]}
      title="Launch instances"
      description="A machine is a sandbox with a disk, an address and a console of its own; it has no kernel of its own."
      actions={
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          {type && (
            <Box color="text-body-secondary">
              {wish.count} × {dollars(type.usdPerHour)} per hour on AWS
            </Box>
          )}
          <Button onClick={() => void navigate("/ec2/instances")}>Cancel</Button>
          <Button
            variant="primary"
            loading={busy}
            disabled={!wanted.image || !wish.type}
            onClick={() => void launch()}
          >
            Launch
          </Button>
        </SpaceBetween>
      }
    >
      <Refused of={refusal} />
      <Container header={<Header variant="h2">What it is</Header>}>
        <SpaceBetween size="m">
          <FormField label="Name">
            <Input
              value={wish.name}
              onChange={({ detail }) => change({ name: detail.value })}
              spellcheck={false}
            />
          </FormField>
          <FormField label="Image" errorText={images.refusal?.message}>
            <Select
              options={imageOptions}
              selectedOption={chosen(imageOptions, wanted.image)}
              statusType={images.loading ? "loading" : "finished"}
              filteringType="auto"
              onChange={({ detail }) => change({ image: detail.selectedOption.value ?? "" })}
            />
          </FormField>
          <FormField
            label="Instance type"
            description="In order of price."
            errorText={types.refusal?.message}
          >
            <Select
              options={typeOptions}
              selectedOption={chosen(typeOptions, wish.type)}
              statusType={types.loading ? "loading" : "finished"}
              filteringType="auto"
              triggerVariant="option"
              onChange={({ detail }) => change({ type: detail.selectedOption.value ?? "" })}
            />
          </FormField>
          <FormField label="How many">
            <Input
              type="number"
              inputMode="numeric"
              value={String(wish.count)}
              onChange={({ detail }) => change({ count: Math.max(1, Number(detail.value) || 1) })}
            />
          </FormField>
          <Checkbox checked={wish.spot} onChange={({ detail }) => change({ spot: detail.checked })}>
            On Spot: cheaper, and ended when somebody says <Box variant="code">sagehen interrupt</Box>
          </Checkbox>
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Who gets in, and what it may do</Header>}>
        <SpaceBetween size="m">
          <FormField label="Key pair" errorText={keys.refusal?.message}>
            <Select
              options={keyOptions}
              selectedOption={chosen(keyOptions, wish.key)}
              onChange={({ detail }) => change({ key: detail.selectedOption.value ?? "" })}
            />
          </FormField>
          <FormField
            label="Security groups"
            description="The VPC's default group where none is chosen."
            errorText={groups.refusal?.message}
          >
            <Multiselect
              options={groupOptions}
              selectedOptions={groupOptions.filter(({ value }) => wish.groups.includes(value))}
              placeholder="default"
              onChange={({ detail }) =>
                change({ groups: detail.selectedOptions.flatMap(({ value }) => value ?? []) })
              }
            />
          </FormField>
          <FormField
            label="Instance profile"
            description="The role whose rights its programs have."
            errorText={profiles.refusal?.message}
          >
            <Select
              options={profileOptions}
              selectedOption={chosen(profileOptions, wish.profile)}
              onChange={({ detail }) => change({ profile: detail.selectedOption.value ?? "" })}
            />
          </FormField>
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Its beginning</Header>}>
        <SpaceBetween size="m">
          <FormField label="Root disk, in GiB" description="As large as the image's where it is left empty.">
            <Input
              type="number"
              inputMode="numeric"
              value={wish.sizeGb ? String(wish.sizeGb) : ""}
              onChange={({ detail }) => change({ sizeGb: Math.max(0, Number(detail.value) || 0) })}
            />
          </FormField>
          <FormField
            label="User data"
            description="A script with #!, or #cloud-config: run at the first boot, its output on the console."
          >
            <Textarea
              value={wish.userData}
              rows={8}
              spellcheck={false}
              placeholder={"#!/bin/bash\naws s3 cp s3://my-bucket/train.py .\npython3 train.py"}
              onChange={({ detail }) => change({ userData: detail.value })}
            />
          </FormField>
          <Commands client="EC2" operation="RunInstances" input={{ ...request }} />
        </SpaceBetween>
      </Container>
    </Page>
  );
}
