import type { ComponentType } from "react";

export interface PageModule {
  default: ComponentType;
}

/** One address of a service's screens; its code is loaded when it is first opened. */
export interface PageEntry {
  /** Below the service's path; `:name` as react-router has it. */
  path: string;
  /** In the navigation, if there; pages of one thing have none. */
  title?: string;
  load: () => Promise<PageModule>;
}

/** What a folder below `screens/` says of itself, in its `screens.ts`. */
export interface Service {
  name: string;
  path: string;
  /** One sentence for the start page. */
  about: string;
  /** Place in the navigation; the chain's order. */
  order: number;
  pages: PageEntry[];
}

/** The AWS service that a folder of screens is about. */
export const service = (description: Service): Service => description;
