/** What is typed to push an image from where one is; `at` is the platform's own address, which needs no certificate. */
export function pushCommands(at: string, name: string): { about: string; text: string }[] {
  const login = "aws ecr get-login-password";
  return [
    {
      about: "Log in. The word is good for twelve hours; the region and the keys are those of sagehen env.",
      text: `eval "$(sagehen env)"\n${login} | docker login --username AWS --password-stdin ${at}`,
    },
    { about: "Build the image, where its Dockerfile is.", text: `docker build -t ${name} .` },
    { about: "Give it the repository's name.", text: `docker tag ${name}:latest ${at}/${name}:latest` },
    { about: "Push it. podman takes the same four.", text: `docker push ${at}/${name}:latest` },
  ];
}

/** The same without Docker, of an image that is a file, a folder or in another registry. */
export function skopeoCommands(at: string, name: string): { about: string; text: string }[] {
  return [
    {
      about: "Log in.",
      text: `aws ecr get-login-password | skopeo login --tls-verify=false --username AWS --password-stdin ${at}`,
    },
    {
      about: "Copy what docker save wrote; oci:folder and docker://other/registry are taken, too.",
      text: `skopeo copy --dest-tls-verify=false docker-archive:${name.split("/").at(-1)}.tar docker://${at}/${name}:latest`,
    },
  ];
}
