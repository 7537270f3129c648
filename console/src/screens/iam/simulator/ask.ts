import {
  type EvaluationResult,
  GetContextKeysForPrincipalPolicyCommand,
  paginateSimulatePrincipalPolicy,
  type Statement,
} from "@aws-sdk/client-iam";
import { collect } from "../../../aws/collect";
import { iam } from "../client";
import { between } from "../documents/document";
import { documentOf, type Permission, type Principal, permissionsOf } from "../permissions/principal";
import { inputOf, type Question, sourceOf } from "./question";

/** A statement that decided, with its words where they could be read. */
export interface Matched {
  policy: string;
  arn?: string | undefined;
  text: string;
}

export interface Decision {
  action: string;
  resource: string;
  /** `allowed`, `explicitDeny`, `implicitDeny`. */
  decision: string;
  matched: Matched[];
  missing: string[];
  boundary: boolean | undefined;
}

/** The role or user of an ARN, with its path left out. */
export function principalIn(arn: string): Principal {
  const [, , , , , resource = ""] = arn.split(":");
  return { kind: resource.startsWith("user/") ? "user" : "role", name: resource.split("/").at(-1) ?? "" };
}

/** The context keys that conditions of a principal's policies read. */
export async function keysOf(who: string): Promise<string[]> {
  const answer = await iam().send(new GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn: who }));
  return answer.ContextKeyNames ?? [];
}

/** Asks the simulator, and fetches the words of the statements that it names. */
export async function ask(question: Question): Promise<Decision[]> {
  const results = await collect(
    paginateSimulatePrincipalPolicy({ client: iam() }, inputOf(question)),
    (page) => page.EvaluationResults,
  );
  const principal = principalIn(question.who);
  const words = new Map<string, Promise<Matched>>();
  const known = permissionsOf(principal).catch(() => []); // who may not read them sees them named alone
  const read = (statement: Statement) => {
    const id = JSON.stringify(statement);
    const found = words.get(id) ?? wordsOf(principal, statement, known);
    words.set(id, found);
    return found;
  };
  return Promise.all(results.flatMap((result) => decisionsOf(result, read)));
}

function decisionsOf(result: EvaluationResult, read: (statement: Statement) => Promise<Matched>) {
  const specific = result.ResourceSpecificResults ?? [];
  const each =
    specific.length > 0
      ? specific.map((one) => ({
          ...one,
          PermissionsBoundaryDecisionDetail:
            one.PermissionsBoundaryDecisionDetail ?? result.PermissionsBoundaryDecisionDetail,
        }))
      : [{ ...result, EvalResourceDecision: result.EvalDecision }];
  return each.map(
    async (one): Promise<Decision> => ({
      action: result.EvalActionName ?? "",
      resource: one.EvalResourceName ?? "*",
      decision: one.EvalResourceDecision ?? "",
      matched: await Promise.all((one.MatchedStatements ?? []).map(read)),
      missing: one.MissingContextValues ?? [],
      boundary: one.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
    }),
  );
}

async function wordsOf(
  principal: Principal,
  { SourcePolicyId = "", SourcePolicyType, StartPosition, EndPosition }: Statement,
  permissions: Promise<Permission[]>,
): Promise<Matched> {
  const { holder, policy } = sourceOf(SourcePolicyId, SourcePolicyType, principal.name);
  try {
    const held = (await permissions).find(
      ({ name, arn }) => name === policy && (arn !== undefined) === (holder === "managed"),
    );
    // What a group gives is named, not read: its policies are the group's own.
    if (!held || holder === "group") return { policy: SourcePolicyId, text: "" };
    const document = await documentOf(principal, held);
    return { policy, arn: held.arn, text: between(document, StartPosition, EndPosition) };
  } catch {
    return { policy: SourcePolicyId, text: "" };
  }
}
