const written = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement }, null, 2);

/** What a new policy begins as: harmless, and of the right shape. */
export const EXAMPLE = written({
  Effect: "Allow",
  Action: ["s3:GetObject", "s3:ListBucket"],
  Resource: ["arn:aws:s3:::my-bucket", "arn:aws:s3:::my-bucket/*"],
});

/** A trust policy of a service, or of everybody in an account whose own policies say so. */
export const trust = (who: string): string =>
  written({
    Effect: "Allow",
    Principal: who.includes(".") ? { Service: who } : { AWS: `arn:aws:iam::${who}:root` },
    Action: "sts:AssumeRole",
  });

/** A policy of a resource: everybody of an account may do something with it. */
export const readers = (Action: string, Resource: string): string =>
  written({ Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action, Resource });
