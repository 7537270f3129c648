import { expect, it } from "vitest";
import { peerOf, permission, portRange, portsOf } from "./rules";

it.each([
  [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22 }, "TCP 22"],
  [{ IpProtocol: "udp", FromPort: 1, ToPort: 9 }, "UDP 1 to 9"],
  [{ IpProtocol: "-1", FromPort: -1, ToPort: -1 }, "everything"],
  [{ IpProtocol: "icmp", FromPort: -1, ToPort: -1 }, "ICMP"],
])("%o", (rule, text) => expect(portsOf(rule)).toBe(text));

it.each([
  ["22", [22, 22]],
  [" 8000 - 8100 ", [8000, 8100]],
  ["9-1", undefined],
  ["70000", undefined],
  ["ssh", undefined],
])("%s as ports", (text, range) => expect(portRange(text)).toEqual(range));

it("knows who is meant", () => {
  expect(peerOf({ CidrIpv4: "127.0.0.0/8" })).toBe("127.0.0.0/8");
  expect(peerOf({ ReferencedGroupInfo: { GroupId: "sg-1" } })).toBe("sg-1");
  expect(permission([22, 22], "127.0.0.1/32")).toEqual({
    IpProtocol: "tcp",
    FromPort: 22,
    ToPort: 22,
    IpRanges: [{ CidrIp: "127.0.0.1/32" }],
  });
});
