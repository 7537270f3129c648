import { type Live, useLive } from "../../../live/useLive";
import { partsThatScale } from "../../platform/scaling/follow";

/** The aliases and the published versions of a function. */
export const useQualifiers = (name: string): Live<string[]> =>
  useLive(["lambda", `qualifiers ${name}`], () => partsThatScale("lambda", name));
