import { paginateListPolicies } from "@aws-sdk/client-iam";
import { collect } from "../../../aws/collect";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";

/** All managed policies to choose from, AWS's and the account's. */
export function usePolicies() {
  const live = useLive(["iam", "all policies"], () =>
    collect(paginateListPolicies({ client: iam() }, {}), (page) => page.Policies, 3000),
  );
  const options = (live.data ?? []).map(({ Arn = "", PolicyName = "" }) => ({
    value: Arn,
    label: PolicyName,
    ...(Arn.includes(":iam::aws:") ? {} : { tags: ["yours"] }),
  }));
  return { live, options };
}
