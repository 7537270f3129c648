/**
 * A name that says what an inline policy allows: `Allow-sagemaker-InvokeEndpoint-1k2j3h`; within IAM's letters and
 * length. Another policy for the same action has another end: putting it must not take the first one away.
 */
export const policyName = (action: string, policy: unknown): string =>
  `Allow-${action.replace(/[^\w+=,.@-]+/g, "-").slice(0, 114)}-${digest(JSON.stringify(policy))}`;

/** FNV-1a in 32 bits: enough to tell a role's policies apart, and the same tomorrow. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(36);
}
