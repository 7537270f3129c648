// ace-builds has types for its unminified modules alone.
declare module "ace-builds/src-min-noconflict/ace" {
  import ace from "ace-builds";
  export default ace;
}
