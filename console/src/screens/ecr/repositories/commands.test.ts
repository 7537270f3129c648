import { expect, test } from "vitest";
import { pushCommands, skopeoCommands } from "./commands";

const textsOf = (commands: { text: string }[]) => commands.map(({ text }) => text);

test("docker pushes to the platform's own address, under the repository's whole name", () => {
  expect(textsOf(pushCommands("127.0.0.1:4566", "team/mine"))).toEqual([
    'eval "$(sagehen env)"\naws ecr get-login-password | docker login --username AWS --password-stdin 127.0.0.1:4566',
    "docker build -t team/mine .",
    "docker tag team/mine:latest 127.0.0.1:4566/team/mine:latest",
    "docker push 127.0.0.1:4566/team/mine:latest",
  ]);
});

test("skopeo copies a file, of the name's last part, without TLS", () => {
  expect(textsOf(skopeoCommands("127.0.0.1:4566", "team/mine"))[1]).toBe(
    "skopeo copy --dest-tls-verify=false docker-archive:mine.tar docker://127.0.0.1:4566/team/mine:latest",
  );
});
