import { service } from "../service";

export default service({
  name: "EC2",
  path: "ec2",
  about: "Machines to run a script on: launched at a price, reached by SSH, with their console.",
  order: 60,
  pages: [
    { path: "instances", title: "Instances", load: () => import("./instances/InstanceList") },
    { path: "instances/:id", load: () => import("./instances/InstancePage") },
    { path: "launch", load: () => import("./launch/LaunchPage") },
    { path: "volumes", title: "Volumes", load: () => import("./volumes/VolumeList") },
    { path: "snapshots", title: "Snapshots", load: () => import("./snapshots/SnapshotList") },
    { path: "images", title: "Images", load: () => import("./images/ImageList") },
    { path: "spot-requests", title: "Spot requests", load: () => import("./spot/SpotList") },
    { path: "key-pairs", title: "Key pairs", load: () => import("./keys/KeyPairList") },
    { path: "security-groups", title: "Security groups", load: () => import("./groups/GroupList") },
    { path: "security-groups/:id", load: () => import("./groups/GroupPage") },
  ],
});
