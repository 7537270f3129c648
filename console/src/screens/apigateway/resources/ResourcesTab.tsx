import { paginateGetResources } from "@aws-sdk/client-api-gateway";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import { useSearchParams } from "react-router";
import { collect } from "../../../aws/collect";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";
import { MethodView } from "../methods/MethodView";
import { ResourceTree } from "./ResourceTree";
import { ResourceView } from "./ResourceView";
import { chosenOf } from "./tree";

/** An API's resources as a tree, and beside it the one that is chosen. */
export function ResourcesTab({ api }: { api: string }) {
  const [search, setSearch] = useSearchParams();
  const live = useLive(["apigateway", `resources ${api}`], () =>
    collect(
      paginateGetResources({ client: gateway() }, { restApiId: api, limit: 500, embed: ["methods"] }),
      (page) => page.items,
    ),
  );
  const choose = (resource: string, method?: string) =>
    setSearch(method ? { resource, method } : { resource }, { replace: true });
  const resources = live.data ?? [];
  const { resource, verb } = chosenOf(resources, search.get("resource"), search.get("method"));
  return (
    <Grid
      gridDefinition={[{ colspan: { default: 12, s: 4, l: 3 } }, { colspan: { default: 12, s: 8, l: 9 } }]}
    >
      <Container>
        <Refused of={live.data ? undefined : live.refusal} />
        {resource && <ResourceTree resources={resources} chosen={[resource.id, verb]} onChoose={choose} />}
        {live.loading && <Box color="text-body-secondary">Loading resources</Box>}
      </Container>
      {resource && verb ? (
        <MethodView
          key={`${resource.id} ${verb}`}
          api={api}
          resource={resource}
          verb={verb}
          onDeleted={() => {
            choose(resource.id ?? "");
            live.refresh();
          }}
        />
      ) : resource ? (
        <ResourceView
          key={resource.id}
          api={api}
          resource={resource}
          onChanged={(id, method) => {
            choose(id, method);
            live.refresh();
          }}
        />
      ) : (
        <div />
      )}
    </Grid>
  );
}
