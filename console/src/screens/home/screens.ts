import { service } from "../service";
import Start from "./Start";

export default service({
  name: "Start",
  path: "",
  about: "",
  order: 0,
  // What `sagehen console` opens is no file of its own: it comes with the rest of the first page.
  pages: [{ path: "", load: async () => ({ default: Start }) }],
});
