import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { to } from "../../../app/links";
import { GoTo } from "../../../blocks/links/GoTo";
import { type Chain, pageOf } from "./chain";

/** What of the chain does not work, and why. */
export function Broken({ chain }: { chain: Chain }) {
  const nodes = chain.nodes.filter(({ health, why }) => ["error", "warning"].includes(health) && why);
  const refused = chain.links.filter(({ allowed }) => allowed === false);
  return (
    <SpaceBetween size="xs">
      {refused.slice(0, 10).map((link) => (
        <Alert
          key={`${link.from} ${link.to} ${link.action}`}
          type="error"
          header={`${link.from} → ${link.to}`}
        >
          {link.why || `${link.action} is not allowed to ${link.role}.`}
        </Alert>
      ))}
      {nodes.slice(0, 10).map((node) => {
        const page = pageOf(node);
        return (
          <Alert
            key={node.id}
            type={node.health === "error" ? "error" : "warning"}
            header={page ? <GoTo to={to(...page)}>{node.name}</GoTo> : node.name}
          >
            <pre className="text">{node.why}</pre>
          </Alert>
        );
      })}
    </SpaceBetween>
  );
}
