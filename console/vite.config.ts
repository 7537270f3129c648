import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds a platform: SAGEHEN_URL=http://127.0.0.1:PORT npm run dev
const platform = process.env.SAGEHEN_URL ?? "http://127.0.0.1:4566";

// Cloudscape's global styles hold Open Sans in all its alphabets, as base64, before anything is seen: 139 kB of the first
// page. The same font comes as files from fontsource (src/app/app.css), 37 kB in the two weights that
// are used.
const withoutFonts: Plugin = {
  name: "without-fonts-in-styles",
  enforce: "pre",
  transform: (code, id) =>
    id.includes("global-styles/index.css") ? code.replace(/@font-face\s*{[^}]*}/g, "") : undefined,
};

export default defineConfig({
  base: "/console/",
  plugins: [withoutFonts, react()],
  build: {
    target: "es2023",
    // A `data:` address would need an exception in the content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      // Everything that is not the console's own is the platform's, as it is where the platform serves the console.
      "^/(?!console(/|$))": { target: platform, changeOrigin: true },
    },
  },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
