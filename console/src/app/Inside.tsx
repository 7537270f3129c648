import { RouterProvider } from "react-router";
import { router } from "./routes";

/** All that needs a session. */
export default function Inside() {
  return <RouterProvider router={router} />;
}
