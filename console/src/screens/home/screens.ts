import { service } from "../service";

export default service({
  name: "Start",
  path: "",
  about: "",
  order: 0,
  pages: [{ path: "", load: () => import("./Start") }],
});
