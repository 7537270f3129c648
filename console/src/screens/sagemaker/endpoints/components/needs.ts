import type { Component } from "./useComponents";

/** What one copy reserves on an instance, as people say it: `0.5 cores, 1024 MB, 1 accelerator`. */
export function needsOf(component: Component): string {
  const needs = component.Specification?.ComputeResourceRequirements;
  if (!needs) return "–";
  const cores = needs.NumberOfCpuCoresRequired;
  const devices = needs.NumberOfAcceleratorDevicesRequired;
  return [
    ...(cores ? [`${cores} ${cores === 1 ? "core" : "cores"}`] : []),
    `${needs.MinMemoryRequiredInMb} MB`,
    ...(devices ? [`${devices} ${devices === 1 ? "accelerator" : "accelerators"}`] : []),
  ].join(", ");
}

/** What its copies run: a model's name, or the last part of an image's. */
export function modelOf(component: Component): string {
  const { ModelName, Container } = component.Specification ?? {};
  return ModelName ?? Container?.DeployedImage?.SpecifiedImage?.split("/").at(-1) ?? "–";
}

/** Copies as they are and as they are to be: `2`, or `1 of 2`. */
export function copiesOf(component: Component): string {
  const { CurrentCopyCount: now = 0, DesiredCopyCount: wanted = now } = component.RuntimeConfig ?? {};
  return now === wanted ? String(now) : `${now} of ${wanted}`;
}

/** Their names in order, those that answer first. */
export function namesOf(components: Component[]): string[] {
  const rank = ({ InferenceComponentStatus }: Component) => Number(InferenceComponentStatus !== "InService");
  const name = ({ InferenceComponentName = "" }: Component) => InferenceComponentName;
  return [...components]
    .sort((a, b) => rank(a) - rank(b) || name(a).localeCompare(name(b), undefined, { numeric: true }))
    .map(name);
}
