import type { Resource } from "@aws-sdk/client-api-gateway";
import Badge from "@cloudscape-design/components/badge";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TreeView from "@cloudscape-design/components/tree-view";
import { useState } from "react";
import { type Branch, treeOf, verbsOf } from "./tree";

interface Props {
  resources: Resource[];
  /** Resource and method; the method may be absent. */
  chosen: [string | undefined, string | undefined];
  onChoose: (resource: string, method?: string) => void;
}

const idOf = (branch: Branch) => branch.resource.id ?? "";

/** `/`, and below it what is in it; verbs are in their resource's line. */
export function ResourceTree({ resources, chosen, onChoose }: Props) {
  const [closed, setClosed] = useState<string[]>([]);
  const nameOf = ({ resource }: Branch) => (resource.pathPart ? `/${resource.pathPart}` : "/");
  return (
    <TreeView<Branch>
      ariaLabel="Resources"
      items={treeOf(resources)}
      getItemId={idOf}
      getItemChildren={(branch) => (branch.children.length > 0 ? branch.children : undefined)}
      expandedItems={resources.map(({ id = "" }) => id).filter((id) => !closed.includes(id))}
      onItemToggle={({ detail }) =>
        setClosed(detail.expanded ? closed.filter((id) => id !== detail.id) : [...closed, detail.id])
      }
      connectorLines="vertical"
      i18nStrings={{
        expandButtonLabel: (branch) => `Open ${branch.resource.path}`,
        collapseButtonLabel: (branch) => `Close ${branch.resource.path}`,
      }}
      renderItem={(branch) => ({
        announcementLabel: branch.resource.path ?? "",
        content: (
          <Button
            variant="inline-link"
            ariaLabel={branch.resource.path ?? ""}
            onClick={() => onChoose(idOf(branch))}
          >
            {nameOf(branch)}
          </Button>
        ),
        secondaryContent: verbsOf(branch.resource).length > 0 && (
          <SpaceBetween direction="horizontal" size="xxs">
            {verbsOf(branch.resource).map((verb) => (
              <button
                key={verb}
                type="button"
                className="verb"
                aria-label={`${verb} ${branch.resource.path}`}
                onClick={() => onChoose(idOf(branch), verb)}
              >
                <Badge color={chosen[0] === branch.resource.id && chosen[1] === verb ? "green" : "grey"}>
                  {verb}
                </Badge>
              </button>
            ))}
          </SpaceBetween>
        ),
      })}
    />
  );
}
