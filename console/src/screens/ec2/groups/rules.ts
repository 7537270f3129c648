import type { IpPermission, SecurityGroupRule } from "@aws-sdk/client-ec2";

/** `TCP 22`, `TCP 8000 to 8100`, `everything`. */
export function portsOf({ IpProtocol = "", FromPort, ToPort }: SecurityGroupRule): string {
  if (IpProtocol === "-1") return "everything";
  const protocol = IpProtocol.toUpperCase();
  if (FromPort === undefined || FromPort === -1) return protocol;
  return FromPort === ToPort ? `${protocol} ${FromPort}` : `${protocol} ${FromPort} to ${ToPort}`;
}

/** Who a rule lets in, or out to. */
export const peerOf = (rule: SecurityGroupRule): string =>
  rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.ReferencedGroupInfo?.GroupId ?? rule.PrefixListId ?? "";

/** `22` or `8000-8100`; nothing for what is no port. */
export function portRange(text: string): [number, number] | undefined {
  const found = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(text);
  if (!found) return undefined;
  const from = Number(found[1]);
  const until = Number(found[2] ?? found[1]);
  return from <= until && until <= 65_535 ? [from, until] : undefined;
}

/** A rule for TCP, as AuthorizeSecurityGroupIngress wants it. */
export const permission = ([FromPort, ToPort]: [number, number], CidrIp: string): IpPermission => ({
  IpProtocol: "tcp",
  FromPort,
  ToPort,
  IpRanges: [{ CidrIp }],
});
