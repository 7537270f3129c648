import {
  type Instance,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { Action } from "../../../blocks/list/actions";
import { ec2 } from "../client";
import { idOf, refusesTo, stateOf } from "./instance";

const ids = (instances: Instance[]) => ({ InstanceIds: instances.map(idOf) });

/** What can be done to machines at once, besides terminating them. */
const acts: Action<Instance>[] = [
  {
    id: "start",
    text: "Start",
    refuses: (instance) => refusesTo("start", instance),
    run: (instances) => ec2().send(new StartInstancesCommand(ids(instances))),
  },
  {
    id: "stop",
    text: "Stop",
    refuses: (instance) => refusesTo("stop", instance),
    run: (instances) => ec2().send(new StopInstancesCommand(ids(instances))),
  },
  {
    id: "reboot",
    text: "Reboot",
    refuses: (instance) => refusesTo("reboot", instance),
    run: (instances) => ec2().send(new RebootInstancesCommand(ids(instances))),
  },
];

/** What can be done to machines; `image` opens the form for an image of one. */
export const actionsWith = (image: (instance: Instance) => void): Action<Instance>[] => [
  ...acts,
  {
    id: "image",
    text: "Create image",
    single: true,
    refuses: (instance) =>
      ["running", "stopped"].includes(stateOf(instance)) ? undefined : `It is ${stateOf(instance)}.`,
    run: ([instance]) => instance && image(instance),
  },
];
