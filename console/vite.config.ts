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

// Cloudscape tells by an exception that an address is relative, which all of ours are: of each link, at each drawing. The
// first of them costs V8 a second reading of the whole first file, for the lines of its stack: 40 ms of the first page.
const addressesWithoutExceptions: Plugin = {
  name: "addresses-without-exceptions",
  enforce: "pre",
  transform(code, id) {
    if (!id.includes("internal/utils/check-safe-url.js")) return;
    const asked = code.replace("let parsedUrl;", "if (!URL.canParse(url)) return;\n    let parsedUrl;");
    if (asked === code) this.error("Cloudscape's checkSafeUrl is another one: look whether it still throws");
    return asked;
  },
};

// In a narrow window Cloudscape's frame gives its <nav> an orientation. ARIA has that for toolbars and lists, not for
// landmarks: axe finds a serious fault on every page.
const withoutOrientation: Plugin = {
  name: "nav-without-orientation",
  enforce: "pre",
  transform: (code, id) =>
    id.includes("app-layout/visual-refresh/mobile-toolbar.js")
      ? code.replaceAll('"aria-orientation": "horizontal", ', "")
      : undefined,
};

// Text is drawn when its font is there: the page names the two files that its styles would name late.
const fontsAhead: Plugin = {
  name: "fonts-ahead",
  transformIndexHtml: {
    order: "post",
    handler: (_, { bundle }) =>
      Object.keys(bundle ?? {})
        .filter((file) => /open-sans-latin-[47]00-normal-.*\.woff2$/.test(file))
        .map((file) => ({
          tag: "link",
          attrs: {
            rel: "preload",
            as: "font",
            type: "font/woff2",
            crossorigin: true,
            href: `/console/${file}`,
          },
          injectTo: "head",
        })),
  },
};

export default defineConfig({
  base: "/console/",
  plugins: [withoutFonts, withoutOrientation, addressesWithoutExceptions, fontsAhead, react()],
  build: {
    target: "es2023",
    // A `data:` address would need an exception in the content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "early", test: /src\/(early|session\/token|app\/(still|remembered))\.ts$/, priority: 2 },
            // All of the first page in one file: eighty small ones took longer to be asked for than to be sent.
            { name: "first", tags: ["$initial"], priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      // Everything that is not the console's own is the platform's, as it is where the platform serves the console.
      "^/(?!console(/|$))": { target: platform, changeOrigin: true },
    },
  },
  // Two minutes a test: the machine may have much else to do, and only what hangs is to be ended.
  test: { environment: "node", include: ["src/**/*.test.ts"], testTimeout: 120_000 },
});
