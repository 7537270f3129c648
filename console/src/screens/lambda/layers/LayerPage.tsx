import {
  DeleteLayerVersionCommand,
  GetLayerVersionCommand,
  type LayerVersionsListItem,
  paginateListFunctions,
  paginateListLayerVersions,
} from "@aws-sdk/client-lambda";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useParams } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { LiveMark } from "../../../blocks/LiveMark";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { lambda } from "../client";
import { momentOf } from "../functions/moments";
import { runtimesOf, shortOf } from "./layer";
import { PublishLayer } from "./PublishLayer";

const idOf = ({ Version }: LayerVersionsListItem) => String(Version);

const columns: Column<LayerVersionsListItem>[] = [
  { id: "version", header: "Version", value: (one) => one.Version, width: 110 },
  { id: "about", header: "Description", value: (one) => one.Description, width: 150 },
  { id: "runtimes", header: "Runtimes", value: runtimesOf, width: 120 },
  {
    id: "created",
    header: "Published",
    value: (one) => momentOf(one.CreatedDate),
    cell: (one) => <Ago at={momentOf(one.CreatedDate)} />,
    width: 140,
  },
  {
    id: "arn",
    header: "ARN",
    value: (one) => one.LayerVersionArn,
    cell: (one) => <Copyable text={one.LayerVersionArn} />,
    width: 400,
  },
];

/** Opens a version's archive: its address is good for ten minutes. */
async function download(LayerName: string, VersionNumber: number | undefined): Promise<void> {
  const { Content } = await lambda().send(new GetLayerVersionCommand({ LayerName, VersionNumber }));
  // The address names the platform as its configuration does; it is asked where this page came from.
  const { pathname, search } = new URL(Content?.Location ?? "", window.location.origin);
  const link = document.createElement("a");
  link.href = pathname + search;
  link.download = `${LayerName}-${VersionNumber}.zip`;
  link.rel = "noopener";
  link.click();
}

/** One layer: its versions, and which functions have one of them. */
export default function LayerPage() {
  const { name = "" } = useParams();
  const [publishing, setPublishing] = useState(false);
  const live = useLive(["lambda", `layer ${name}`], () =>
    collect(
      paginateListLayerVersions({ client: lambda() }, { LayerName: name }),
      (page) => page.LayerVersions,
    ),
  );
  return (
    <Page
      crumbs={[{ text: "Lambda", to: "/lambda" }, { text: "Layers", to: "/lambda/layers" }, { text: name }]}
      title={name}
      description={<LiveMark of={live} />}
    >
      <ResourceList
        id="lambda.layerVersions"
        words={{ one: "version", many: "versions" }}
        variant="container"
        live={live}
        idOf={idOf}
        columns={columns}
        sortedBy={{ column: "version", descending: true }}
        actions={[
          {
            id: "download",
            text: "Download",
            single: true,
            run: ([one]) => one && download(name, one.Version),
          },
        ]}
        remove={({ Version }) =>
          lambda().send(new DeleteLayerVersionCommand({ LayerName: name, VersionNumber: Version }))
        }
        removal={{ consequence: "No function can be given it any more; those that have it keep it." }}
        create={<Button onClick={() => setPublishing(true)}>Publish version</Button>}
        empty={{ hint: "A layer without versions is none: publish one." }}
      />
      <Users name={name} />
      {publishing && (
        <PublishLayer
          layer={name}
          onClose={(done) => {
            setPublishing(false);
            if (done) live.refresh();
          }}
        />
      )}
    </Page>
  );
}

function Users({ name }: { name: string }) {
  const live = useLive(["lambda", "functions"], () =>
    collect(paginateListFunctions({ client: lambda() }, {}), (page) => page.Functions),
  );
  const users = (live.data ?? []).flatMap(({ FunctionName = "", Layers = [] }) =>
    Layers.filter(({ Arn = "" }) => Arn.split(":").at(-2) === name).map(({ Arn }) => ({
      FunctionName,
      layer: shortOf(Arn),
    })),
  );
  return (
    <Container header={<Header variant="h2">Functions that have it</Header>}>
      {users.length === 0 ? (
        <Box color="text-body-secondary">None: a function's configuration adds it.</Box>
      ) : (
        <SpaceBetween size="xxs">
          {users.map(({ FunctionName, layer }) => (
            <div key={FunctionName}>
              <GoTo to={to("lambda", "functions", FunctionName)}>{FunctionName}</GoTo>, {layer}
            </div>
          ))}
        </SpaceBetween>
      )}
    </Container>
  );
}
