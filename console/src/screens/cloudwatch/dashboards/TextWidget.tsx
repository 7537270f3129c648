import Link from "@cloudscape-design/components/link";
import Markdown from "markdown-to-jsx";
import type { ReactNode } from "react";

/** Links of a text lead out of the console, to a window that has no handle on this one. */
function Away({ href, children }: { href?: string; children?: ReactNode }) {
  return /^https?:/.test(href ?? "") ? (
    <Link href={href ?? ""} external>
      {children}
    </Link>
  ) : (
    <span>{children}</span>
  );
}

/** Markdown; HTML in it is text, as on AWS. */
export function TextWidget({ text }: { text: unknown }) {
  return (
    <div className="markdown">
      <Markdown options={{ disableParsingRawHTML: true, forceBlock: true, overrides: { a: Away } }}>
        {typeof text === "string" ? text : ""}
      </Markdown>
    </div>
  );
}
