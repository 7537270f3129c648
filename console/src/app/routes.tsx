import { createBrowserRouter, type RouteObject, redirect } from "react-router";
import { services } from "../screens/registry";
import type { PageEntry, Service } from "../screens/service";
import { BASE } from "./links";
import { NotHere } from "./NotHere";
import { Shell } from "./Shell";

const routeOf = (path: string, page: PageEntry): RouteObject => ({
  path,
  // What breaks is this page: the shell around it stays, with the ways to the others.
  errorElement: <NotHere />,
  lazy: async () => ({ Component: (await page.load()).default }),
});

/** A service's own address is that of its first page. */
const firstPageOf = ({ path, pages }: Service): RouteObject[] =>
  path === "" ? [] : [{ path, loader: () => redirect(`/${path}/${pages[0]?.path ?? ""}`) }];

export const router = createBrowserRouter(
  [
    {
      element: <Shell />,
      errorElement: <NotHere />,
      hydrateFallbackElement: <></>,
      children: [
        ...services.flatMap(firstPageOf),
        ...services.flatMap((service) =>
          service.pages.map((page) => routeOf([service.path, page.path].filter(Boolean).join("/"), page)),
        ),
        { path: "*", element: <NotHere /> },
      ],
    },
  ],
  { basename: BASE },
);
