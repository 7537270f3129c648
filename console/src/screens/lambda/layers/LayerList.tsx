import {
  DeleteLayerVersionCommand,
  type LayersListItem,
  paginateListLayers,
  paginateListLayerVersions,
} from "@aws-sdk/client-lambda";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { lambda } from "../client";
import { momentOf } from "../functions/moments";
import { runtimesOf } from "./layer";
import { PublishLayer } from "./PublishLayer";

const nameOf = (layer: LayersListItem) => layer.LayerName ?? "";

const columns: Column<LayersListItem>[] = [
  {
    id: "name",
    header: "Layer",
    value: nameOf,
    cell: (layer) => <GoTo to={to("lambda", "layers", nameOf(layer))}>{nameOf(layer)}</GoTo>,
    width: 260,
  },
  {
    id: "latest",
    header: "Latest version",
    value: (layer) => layer.LatestMatchingVersion?.Version,
    width: 150,
  },
  {
    id: "runtimes",
    header: "Runtimes",
    value: (layer) => runtimesOf(layer.LatestMatchingVersion ?? {}),
    width: 150,
  },
  {
    id: "created",
    header: "Published",
    value: (layer) => momentOf(layer.LatestMatchingVersion?.CreatedDate),
    cell: (layer) => <Ago at={momentOf(layer.LatestMatchingVersion?.CreatedDate)} />,
    width: 150,
  },
  {
    id: "about",
    header: "Description",
    value: (layer) => layer.LatestMatchingVersion?.Description,
    width: 200,
  },
];

/** All of its versions: a layer is nothing beside them. */
async function removeLayer(LayerName: string): Promise<void> {
  const versions = await collect(
    paginateListLayerVersions({ client: lambda() }, { LayerName }),
    (page) => page.LayerVersions,
  );
  for (const { Version: VersionNumber } of versions)
    await lambda().send(new DeleteLayerVersionCommand({ LayerName, VersionNumber }));
}

/** Archives that functions share. */
export default function LayerList() {
  useCrumbs([{ text: "Lambda", to: "/lambda" }, { text: "Layers" }]);
  const navigate = useNavigate();
  const [publishing, setPublishing] = useState(false);
  const live = useLive(["lambda", "layers"], () =>
    collect(paginateListLayers({ client: lambda() }, {}), (page) => page.Layers),
  );
  return (
    <>
      <ResourceList
        id="lambda.layers"
        words={{ one: "layer", many: "layers" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={(layer) => removeLayer(nameOf(layer))}
        removal={{ consequence: "All its versions go. Functions that have one of them keep it." }}
        create={
          <Button variant="primary" onClick={() => setPublishing(true)}>
            Publish layer
          </Button>
        }
        empty={{ hint: "A layer is an archive that functions share: packages in python/, at /opt." }}
      />
      {publishing && (
        <PublishLayer
          onClose={(name) => {
            setPublishing(false);
            if (name) void navigate(to("lambda", "layers", name));
          }}
        />
      )}
    </>
  );
}
