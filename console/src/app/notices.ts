import { create } from "zustand";
import { type Refusal, refusalOf } from "../aws/refusal";

export interface Notice {
  id: string;
  type: "success" | "error" | "info";
  text: string;
  refusal?: Refusal;
  /** Where one was when it came. */
  place: string;
}

/** More would hide the page; the oldest go. */
const MOST_NOTICES = 5;
const GLANCE_MS = 6_000;

interface Notices {
  notices: Notice[];
  /** Where one is. */
  place: string;
  add(notice: Omit<Notice, "id" | "place">): void;
  /** What was refused elsewhere has no business here: on the next page it would be taken for that page's. */
  arrive(place: string): void;
  dismiss(id: string): void;
}

let count = 0;

export const useNotices = create<Notices>((set, get) => ({
  notices: [],
  place: "",
  arrive: (place) =>
    set({
      place,
      notices: get().notices.filter((notice) => notice.type !== "error" || notice.place === place),
    }),
  add: (notice) => {
    count += 1;
    const id = String(count);
    // What went well needs no hand to go away; what did not stays until it was read.
    if (notice.type !== "error") setTimeout(() => get().dismiss(id), GLANCE_MS);
    set({ notices: [{ ...notice, id, place: get().place }, ...get().notices].slice(0, MOST_NOTICES) });
  },
  dismiss: (id) => set({ notices: get().notices.filter((notice) => notice.id !== id) }),
}));

/** Which page an address is: objects and folders of a bucket are told apart behind the `?` alone. */
export function placeOf({ pathname, search }: { pathname: string; search: string }): string {
  const asked = new URLSearchParams(search);
  return [pathname, asked.get("key") ?? "", asked.get("prefix") ?? ""].join("\n");
}

/** What goes to the bar above the page. */
export const notify = {
  success: (text: string) => useNotices.getState().add({ type: "success", text }),
  info: (text: string) => useNotices.getState().add({ type: "info", text }),
  /** `what` could not be done; the error's words are AWS's. */
  error: (what: string, error: unknown) =>
    useNotices.getState().add({ type: "error", text: what, refusal: refusalOf(error) }),
};
