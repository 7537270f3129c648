import { useNavigate } from "react-router";

interface FollowDetail {
  href?: string | undefined;
  external?: boolean | undefined;
}

/** Where the console lives; react-router adds it by itself, `href`s of Cloudscape's components need it. */
export const BASE = "/console";

/** An address of the console, of parts that may hold anything. */
export const to = (...parts: string[]): string => `/${parts.map(encodeURIComponent).join("/")}`;

/**
 * Makes a Cloudscape `onFollow` stay in the page: the same address, without loading everything anew. With a
 * modifier key the browser opens a tab, as everywhere.
 */
export function useFollow(): (event: CustomEvent<FollowDetail>) => void {
  const navigate = useNavigate();
  return (event) => {
    const { href, external } = event.detail;
    if (!href?.startsWith(BASE) || external) return;
    event.preventDefault();
    void navigate(href.slice(BASE.length) || "/");
  };
}
