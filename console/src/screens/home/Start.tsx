import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { to } from "../../app/links";
import { GoTo } from "../../blocks/links/GoTo";
import { Page } from "../../blocks/Page";
import StartChain from "../platform/chain/StartChain";
import { services } from "../registry";
import type { Service } from "../service";

/** The chain, and the services that have screens. */
export default function Start() {
  return (
    <Page
      crumbs={[]}
      title="Sagehen"
      description="Everything here is real, and all of it is also an aws command."
    >
      <StartChain />
      <div className="cards">
        {services
          .filter((service) => service.path !== "")
          .map((service) => (
            <Card key={service.path} service={service} />
          ))}
      </div>
    </Page>
  );
}

function Card({ service }: { service: Service }) {
  return (
    <Container fitHeight header={<Header variant="h2">{service.name}</Header>}>
      <SpaceBetween size="s">
        <Box color="text-body-secondary">{service.about}</Box>
        <SpaceBetween direction="horizontal" size="m">
          {service.pages
            .filter((page) => page.title)
            .map((page) => (
              <GoTo key={page.path} to={to(service.path, ...page.path.split("/").filter(Boolean))}>
                {page.title}
              </GoTo>
            ))}
        </SpaceBetween>
      </SpaceBetween>
    </Container>
  );
}
