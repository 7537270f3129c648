import Button from "@cloudscape-design/components/button";
import { BASE, to, useFollow } from "../../../app/links";

/** Leads from something to what it came from and what came of it; `of` is its ARN or its URI. */
export function LineageButton({ of }: { of: string | undefined }) {
  const follow = useFollow();
  if (!of) return <Button disabled>Lineage</Button>;
  return (
    <Button href={BASE + to("sagemaker", "lineage", of)} onFollow={follow}>
      Lineage
    </Button>
  );
}
