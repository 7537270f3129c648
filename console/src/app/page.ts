import { create } from "zustand";

export interface Crumb {
  text: string;
  /** Below `/console`; absent for where one is. */
  to?: string;
}

interface Place {
  crumbs: Crumb[];
  arrive(crumbs: Crumb[]): void;
}

/** Where one is, told by the page to the shell around it. */
export const usePlace = create<Place>((set) => ({
  crumbs: [],
  arrive: (crumbs) => {
    document.title = [...crumbs.map((crumb) => crumb.text).reverse(), "Sagehen"].join(" · ");
    set({ crumbs });
  },
}));
