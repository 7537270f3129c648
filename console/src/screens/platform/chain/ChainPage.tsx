import Box from "@cloudscape-design/components/box";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";
import { LiveMark } from "../../../blocks/LiveMark";
import { Page } from "../../../blocks/Page";
import { Broken } from "./Broken";
import { ChainPicture } from "./ChainPicture";
import { useChain } from "./useChain";

/** Things of a lane, before somebody asks for all. */
const FEW = 8;

/** Everything of the chain in one picture, live. */
export default function ChainPage() {
  const [all, setAll] = useState(false);
  const live = useChain();
  const chain = live.data;
  return (
    <Page
      crumbs={[{ text: "The chain" }]}
      title="The chain"
      description={<LiveMark of={live} />}
      refusal={chain ? undefined : live.refusal}
      actions={
        <Toggle checked={all} onChange={({ detail }) => setAll(detail.checked)}>
          All of them
        </Toggle>
      }
    >
      {chain && <ChainPicture chain={chain} most={all ? 0 : FEW} />}
      {chain && chain.nodes.length === 0 && <Box>There is nothing yet: begin with a bucket.</Box>}
      {chain && chain.hidden.length > 0 && (
        <Box color="text-body-secondary">You may not see all of it: {chain.hidden.join(", ")}.</Box>
      )}
      {chain && <Broken chain={chain} />}
    </Page>
  );
}
