import { to } from "../../app/links";
import { services } from "../../screens/registry";
import { GoTo } from "./GoTo";

/** A role's name; a link where there are screens about roles. */
export function RoleLink({ arn }: { arn: string | undefined }) {
  if (!arn) return <>–</>;
  const name = arn.split("/").at(-1) ?? arn;
  const shown = services
    .find((service) => service.path === "iam")
    ?.pages.some((page) => page.path === "roles/:name");
  return shown ? <GoTo to={to("iam", "roles", name)}>{name}</GoTo> : <span title={arn}>{name}</span>;
}
