import Box from "@cloudscape-design/components/box";
import Cards from "@cloudscape-design/components/cards";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense } from "react";
import { to } from "../../app/links";
import { GoTo } from "../../blocks/GoTo";
import { Page } from "../../blocks/Page";
import { services } from "../registry";

const Chain = lazy(() => import("../platform/chain/StartChain"));

/** The services that have screens. */
export default function Start() {
  return (
    <Page
      crumbs={[]}
      title="Sagehen"
      description="Everything here is real, and all of it is also an aws command."
    >
      <Suspense fallback={null}>
        <Chain />
      </Suspense>
      <Cards
        items={services.filter((service) => service.path !== "")}
        trackBy="path"
        cardsPerRow={[{ cards: 1 }, { minWidth: 500, cards: 2 }, { minWidth: 900, cards: 3 }]}
        ariaLabels={{ itemSelectionLabel: () => "", selectionGroupLabel: "Services" }}
        cardDefinition={{
          header: (service) => service.name,
          sections: [
            { id: "about", content: (service) => <Box color="text-body-secondary">{service.about}</Box> },
            {
              id: "pages",
              content: (service) => (
                <SpaceBetween direction="horizontal" size="m">
                  {service.pages
                    .filter((page) => page.title)
                    .map((page) => (
                      <GoTo key={page.path} to={to(service.path, ...page.path.split("/").filter(Boolean))}>
                        {page.title}
                      </GoTo>
                    ))}
                </SpaceBetween>
              ),
            },
          ],
        }}
      />
    </Page>
  );
}
