import {
  type DescribeEndpointOutput,
  type ProductionVariantSummary,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { notify } from "../../../app/notices";
import { sagemaker } from "../client";
import { faultOf, sharesOf, type Wanted } from "./shares";
import { changes } from "./states";

interface Props {
  endpoint: DescribeEndpointOutput;
  onChange: () => void;
}

type Variant = ProductionVariantSummary & { share: number };

/** What stands behind an endpoint; weights and numbers of instances are changed in their cells. */
export function Variants({ endpoint, onChange }: Props) {
  const variants = endpoint.ProductionVariants ?? [];
  const shares = sharesOf(variants);
  const settled = endpoint.EndpointStatus === "InService";

  const change = async (variant: Variant, member: Wanted, value: number) => {
    const one = { VariantName: variant.VariantName, [member]: value };
    try {
      await sagemaker().send(
        new UpdateEndpointWeightsAndCapacitiesCommand({
          EndpointName: endpoint.EndpointName,
          DesiredWeightsAndCapacities: [one],
        }),
      );
    } catch (error) {
      notify.error(`Change ${variant.VariantName}`, error);
    }
    onChange();
  };

  return (
    <Table<Variant>
      variant="container"
      header={
        <Header variant="h2" counter={`(${variants.length})`}>
          Variants
        </Header>
      }
      items={variants.map((variant, index) => ({ ...variant, share: shares[index] ?? 0 }))}
      trackBy="VariantName"
      columnDefinitions={columnsOf(settled)}
      submitEdit={async (variant, column, value) => {
        // Enter sends what the validation has marked, too; a rejection leaves the cell open.
        const member = column.id === "weight" ? "DesiredWeight" : "DesiredInstanceCount";
        if (faultOf(member, value)) throw new Error("No number");
        await change(variant, member, Number(value));
      }}
      ariaLabels={{
        tableLabel: "Variants",
        activateEditLabel: (column, variant) => `Change ${String(column.header)} of ${variant.VariantName}`,
        cancelEditLabel: () => "Leave it",
        submitEditLabel: () => "Change it",
      }}
      empty={changes(endpoint.EndpointStatus) ? "They are being made." : "None."}
    />
  );
}

function columnsOf(settled: boolean): TableProps.ColumnDefinition<Variant>[] {
  return [
    { id: "name", header: "Variant", cell: (variant) => variant.VariantName, isRowHeader: true },
    {
      id: "instances",
      header: "Instances",
      cell: (variant) => <Instances variant={variant} />,
      ...(settled ? { editConfig: numberEdit("DesiredInstanceCount", "DesiredInstanceCount") } : {}),
    },
    {
      id: "weight",
      header: "Weight",
      cell: (variant) => variant.CurrentWeight ?? "–",
      ...(settled ? { editConfig: numberEdit("CurrentWeight", "DesiredWeight") } : {}),
    },
    {
      id: "share",
      header: "Traffic",
      cell: (variant) => (
        <ProgressBar value={variant.share * 100} variant="standalone" ariaLabel="Share of the traffic" />
      ),
      minWidth: 180,
    },
    {
      id: "image",
      header: "Image",
      cell: (variant) => variant.DeployedImages?.[0]?.SpecifiedImage?.split("/").at(-1) ?? "–",
    },
  ];
}

function Instances({ variant }: { variant: Variant }) {
  const { CurrentInstanceCount: now = 0, DesiredInstanceCount: wanted = now } = variant;
  if (variant.CurrentServerlessConfig)
    return <>serverless, up to {variant.CurrentServerlessConfig.MaxConcurrency}</>;
  if (now === wanted) return <StatusIndicator>{now}</StatusIndicator>;
  return (
    <StatusIndicator type="in-progress">
      {now} of {wanted}
    </StatusIndicator>
  );
}

function numberEdit(
  member: "DesiredInstanceCount" | "CurrentWeight",
  wanted: Wanted,
): TableProps.EditConfig<Variant> {
  return {
    ariaLabel: member,
    editIconAriaLabel: "can be changed",
    validation: (_, value) => (value === undefined ? undefined : faultOf(wanted, value)),
    editingCell: (variant, { currentValue, setValue }) => (
      <Input
        autoFocus
        type="number"
        value={String(currentValue ?? variant[member] ?? "")}
        onChange={({ detail }) => setValue(detail.value)}
      />
    ),
  };
}
