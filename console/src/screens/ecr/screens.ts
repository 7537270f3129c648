import { service } from "../service";

export default service({
  name: "ECR",
  path: "ecr",
  about: "Images of your own: repositories, what is in an image, how to push one.",
  order: 25,
  pages: [
    { path: "repositories", title: "Repositories", load: () => import("./repositories/RepositoryList") },
    { path: "repositories/:name", load: () => import("./repositories/RepositoryPage") },
    { path: "repositories/:name/images/:digest", load: () => import("./images/ImagePage") },
  ],
});
