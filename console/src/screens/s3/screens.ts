import { service } from "../service";

export default service({
  name: "S3",
  path: "s3",
  about: "Buckets, and what is in them: images, scripts, models.",
  order: 10,
  pages: [
    { path: "buckets", title: "Buckets", load: () => import("./buckets/BucketList") },
    { path: "buckets/:bucket", load: () => import("./objects/BucketPage") },
  ],
});
