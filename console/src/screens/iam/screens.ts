import { service } from "../service";

export default service({
  name: "IAM",
  path: "iam",
  about: "Roles, users, groups, policies, and who may do what.",
  order: 50,
  pages: [
    { path: "roles", title: "Roles", load: () => import("./roles/RoleList") },
    { path: "roles/:name", load: () => import("./roles/RolePage") },
    { path: "users", title: "Users", load: () => import("./users/UserList") },
    { path: "users/:name", load: () => import("./users/UserPage") },
    { path: "groups", title: "Groups", load: () => import("./groups/GroupList") },
    { path: "groups/:name", load: () => import("./groups/GroupPage") },
    { path: "policies", title: "Policies", load: () => import("./policies/PolicyList") },
    { path: "policies/:arn", load: () => import("./policies/PolicyPage") },
    {
      path: "instance-profiles",
      title: "Instance profiles",
      load: () => import("./profiles/ProfileList"),
    },
    {
      path: "identity-providers",
      title: "Identity providers",
      load: () => import("./providers/ProviderList"),
    },
    { path: "identity-providers/:arn", load: () => import("./providers/ProviderPage") },
    { path: "account", title: "Account settings", load: () => import("./account/AccountPage") },
    { path: "simulator", title: "Who may do this", load: () => import("./simulator/SimulatorPage") },
  ],
});
