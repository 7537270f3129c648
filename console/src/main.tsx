// Before anything else: the token leaves the address even if nothing after this works.
import { arriving } from "./early";
import "@cloudscape-design/global-styles/index.css";
import "./app/app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";

const root = document.getElementById("root");
// Cloudscape measures what it cuts off: in the font that is on its way, or else in the one that is there.
const fonts = ["400", "700"].map((weight) => document.fonts.load(`${weight} 1em "Open Sans"`));
await Promise.race([Promise.allSettled(fonts), new Promise((resolve) => setTimeout(resolve, 300))]);
if (root)
  createRoot(root).render(
    <StrictMode>
      <App arriving={arriving} />
    </StrictMode>,
  );
