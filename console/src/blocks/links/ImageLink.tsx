import { to } from "../../app/links";
import { useSession } from "../../session/session";
import { Copyable } from "../Copyable";
import { GoTo } from "./GoTo";

const ADDRESS = /^(\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\/([^:@]+)(?:[:@].*)?$/;

/** The repository of an image that this account has pushed; nothing for AWS's own images, and names of none. */
export function repositoryOf(uri: string | undefined, account: string): string | undefined {
  const [, owner, repository] = ADDRESS.exec(uri ?? "") ?? [];
  return owner === account ? repository : undefined;
}

/** An image's address; where it is one's own, a way to its repository. */
export function ImageLink({ uri }: { uri: string | undefined }) {
  const { account } = useSession();
  const repository = repositoryOf(uri, account);
  return (
    <>
      <Copyable text={uri} />
      {repository && (
        <div>
          <GoTo to={to("ecr", "repositories", repository)}>{`Its repository: ${repository}`}</GoTo>
        </div>
      )}
    </>
  );
}
