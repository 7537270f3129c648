import SideNavigation, { type SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import { useLocation } from "react-router";
import { services } from "../screens/registry";
import type { Service } from "../screens/service";
import { BASE, useFollow } from "./links";

function itemsOf(service: Service): SideNavigationProps.Item[] {
  const links: SideNavigationProps.Link[] = service.pages
    .filter((page) => page.title !== undefined)
    .map((page) => ({
      type: "link",
      text: page.title ?? "",
      href: [BASE, service.path, page.path].filter(Boolean).join("/"),
    }));
  const [only] = links;
  if (links.length === 1 && only) return [{ ...only, text: service.name }];
  return [{ type: "section", text: service.name, items: links }];
}

/** Every service with screens, in the chain's order. */
export function SideBar() {
  const follow = useFollow();
  const { pathname } = useLocation();
  const items = services.filter((service) => service.path !== "").flatMap(itemsOf);
  return <SideNavigation items={items} activeHref={activeOf(items, BASE + pathname)} onFollow={follow} />;
}

/** The link of the navigation that leads nearest to where one is: a job's page is below its list. */
function activeOf(items: SideNavigationProps.Item[], address: string): string {
  const links = items.flatMap((item) =>
    item.type === "section"
      ? item.items.flatMap((link) => (link.type === "link" ? [link.href] : []))
      : item.type === "link"
        ? [item.href]
        : [],
  );
  return links
    .filter((href) => address === href || address.startsWith(`${href}/`))
    .reduce((longest, href) => (href.length > longest.length ? href : longest), "");
}
