import { service } from "../service";

export default service({
  name: "CloudFormation",
  path: "cloudformation",
  about: "Stacks: what a template made, what an update would change, and what happened.",
  order: 75,
  pages: [
    { path: "stacks", title: "Stacks", load: () => import("./stacks/StackList") },
    { path: "stacks/:name", load: () => import("./stacks/StackPage") },
    { path: "stacks/:name/change-sets/:set", load: () => import("./changes/ChangeSetPage") },
    { path: "change-stack", load: () => import("./templates/ChangeStack") },
  ],
});
