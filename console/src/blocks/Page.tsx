import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useEffect } from "react";
import { type Crumb, usePlace } from "../app/page";
import type { Refusal } from "../aws/refusal";
import { Refused } from "./Refused";

/** Tells the shell where one is. */
export function useCrumbs(crumbs: Crumb[]): void {
  const arrive = usePlace((place) => place.arrive);
  const words = JSON.stringify(crumbs);
  useEffect(() => arrive(JSON.parse(words) as Crumb[]), [arrive, words]);
}

interface Props {
  crumbs: Crumb[];
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  /** Why the page's subject cannot be seen, if so. */
  refusal?: Refusal | undefined;
  children: ReactNode;
}

/** A page about one thing: its title and actions, then containers below one another. */
export function Page({ crumbs, title, description, actions, refusal, children }: Props) {
  useCrumbs(crumbs);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={description} actions={actions}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Refused of={refusal} />
        {children}
      </SpaceBetween>
    </ContentLayout>
  );
}
