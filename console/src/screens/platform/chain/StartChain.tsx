import { ChainPicture } from "./ChainPicture";
import { useChain } from "./useChain";

/** The chain on the start page: a few of everything; nothing for whom it is not to be seen. */
export default function StartChain() {
  const { data } = useChain();
  return data && data.nodes.length > 0 ? <ChainPicture chain={data} most={5} /> : null;
}
