import { useEffect } from "react";
import { RouterProvider } from "react-router";
import { services } from "../screens/registry";
import { idle, loadAhead } from "./ahead";
import { router } from "./routes";

/** All that needs a session. */
export default function Inside() {
  useEffect(() => {
    const end = new AbortController();
    const pages = services.flatMap((service) => service.pages.map(({ load }) => load));
    // The first page goes before.
    const timer = setTimeout(() => void loadAhead(pages, idle, end.signal), 3_000);
    return () => {
      clearTimeout(timer);
      end.abort();
    };
  }, []);
  return <RouterProvider router={router} />;
}
