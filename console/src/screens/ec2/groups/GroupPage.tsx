import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useParams } from "react-router";
import { KeyValues } from "../../../blocks/KeyValues";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { FormModal } from "../../../blocks/modals/FormModal";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { ec2 } from "../client";
import { peerOf, permission, portRange, portsOf } from "./rules";

const idOf = (rule: SecurityGroupRule) => rule.SecurityGroupRuleId ?? "";

const columns: Column<SecurityGroupRule>[] = [
  { id: "id", header: "Rule", value: idOf, width: 220 },
  { id: "way", header: "Way", value: (rule) => (rule.IsEgress ? "out" : "in"), width: 90 },
  { id: "ports", header: "Ports", value: portsOf },
  { id: "peer", header: "Whom", value: peerOf },
  { id: "about", header: "Description", value: (rule) => rule.Description },
];

/** One security group: whom it lets in. */
export default function GroupPage() {
  const { id = "" } = useParams();
  const [adding, setAdding] = useState(false);
  const group = useLive(
    ["ec2", "groups", id],
    async () => (await ec2().send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))).SecurityGroups?.[0],
  );
  const rules = useLive(["ec2", "rules", id], async () => {
    const Filters = [{ Name: "group-id", Values: [id] }];
    return (await ec2().send(new DescribeSecurityGroupRulesCommand({ Filters }))).SecurityGroupRules ?? [];
  });
  const remove = (rule: SecurityGroupRule) => {
    const request = { GroupId: id, SecurityGroupRuleIds: [idOf(rule)] };
    return rule.IsEgress
      ? ec2().send(new RevokeSecurityGroupEgressCommand(request))
      : ec2().send(new RevokeSecurityGroupIngressCommand(request));
  };
  return (
    <Page
      crumbs={[
        { text: "EC2", to: "/ec2/instances" },
        { text: "Security groups", to: "/ec2/security-groups" },
        { text: group.data?.GroupName ?? id },
      ]}
      title={group.data?.GroupName ?? id}
      refusal={group.data ? undefined : group.refusal}
    >
      {group.data && (
        <Container>
          <KeyValues of={{ Group: id, VPC: group.data.VpcId, Description: group.data.Description }} />
        </Container>
      )}
      <ResourceList
        id="ec2.rules"
        words={{ one: "rule", many: "rules" }}
        variant="container"
        live={rules}
        idOf={idOf}
        columns={columns}
        sortedBy={{ column: "way" }}
        remove={remove}
        create={
          <Button variant="primary" onClick={() => setAdding(true)}>
            Let a port in
          </Button>
        }
        empty={{ hint: "Nobody gets in: let a port in." }}
      />
      {adding && (
        <AddRule
          id={id}
          onClose={(added) => {
            setAdding(false);
            if (added) rules.refresh();
          }}
        />
      )}
    </Page>
  );
}

function AddRule({ id, onClose }: { id: string; onClose: (added: boolean) => void }) {
  const [ports, setPorts] = useState("22");
  const [source, setSource] = useState("127.0.0.0/8");
  const range = portRange(ports);
  const add = async () => {
    if (!range) return;
    const IpPermissions = [permission(range, source.trim())];
    await ec2().send(new AuthorizeSecurityGroupIngressCommand({ GroupId: id, IpPermissions }));
  };
  return (
    <FormModal
      title="Let a port in"
      verb="Add rule"
      ready={range !== undefined && source.trim() !== ""}
      submit={add}
      onClose={onClose}
    >
      <FormField
        label="TCP port, or ports"
        constraintText="22, or 8000-8100"
        errorText={ports && !range ? "That is no port." : undefined}
      >
        <Input value={ports} onChange={({ detail }) => setPorts(detail.value)} autoFocus />
      </FormField>
      <FormField
        label="From"
        constraintText="Addresses as a CIDR block; 127.0.0.0/8 is this machine, 0.0.0.0/0 everybody"
      >
        <Input value={source} onChange={({ detail }) => setSource(detail.value)} spellcheck={false} />
      </FormField>
    </FormModal>
  );
}
