import type { Service } from "./service";

// Every folder here that has a screens.ts is in the navigation and in the routes: there is no list to be edited.
const found = import.meta.glob<{ default: Service }>("./*/screens.ts", { eager: true });

export const services: Service[] = Object.values(found)
  .map((module) => module.default)
  .sort((a, b) => a.order - b.order);
