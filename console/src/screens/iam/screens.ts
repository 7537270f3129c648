import { service } from "../service";

export default service({
  name: "IAM",
  path: "iam",
  about: "Roles, users, policies, and who may do what.",
  order: 50,
  pages: [
    { path: "roles", title: "Roles", load: () => import("./roles/RoleList") },
    { path: "roles/:name", load: () => import("./roles/RolePage") },
    { path: "users", title: "Users", load: () => import("./users/UserList") },
    { path: "users/:name", load: () => import("./users/UserPage") },
    { path: "policies", title: "Policies", load: () => import("./policies/PolicyList") },
    { path: "policies/:arn", load: () => import("./policies/PolicyPage") },
    { path: "simulator", title: "Who may do this", load: () => import("./simulator/SimulatorPage") },
  ],
});
