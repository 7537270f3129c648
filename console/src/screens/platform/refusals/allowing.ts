/** A name that says what an inline policy allows: `Allow-sagemaker-InvokeEndpoint`; within IAM's letters and length. */
export const policyName = (action: string): string =>
  `Allow-${action.replace(/[^\w+=,.@-]+/g, "-")}`.slice(0, 128);
