// Before anything else: the token leaves the address even if nothing after this works.
import { arriving } from "./early";
import "@cloudscape-design/global-styles/index.css";
import "./app/app.css";
import "./app/still.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { notify } from "./app/notices";
import { useSessions } from "./session/session";

const root = document.getElementById("root");
// Cloudscape measures what it cuts off: in the font that is on its way, or else in the one that is there.
const fonts = ["400", "700"].map((weight) => document.fonts.load(`${weight} 1em "Open Sans"`));
await Promise.race([Promise.allSettled(fonts), new Promise((resolve) => setTimeout(resolve, 300))]);
// What index.html shows stays until there is a page to be shown, or the login.
await arriving?.then(useSessions.getState().signIn, (error: unknown) =>
  notify.error("The link of sagehen console", error),
);
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
