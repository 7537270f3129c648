import type { Method } from "@aws-sdk/client-api-gateway";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { to } from "../../../app/links";
import { GoTo } from "../../../blocks/links/GoTo";
import { boxesOf } from "./boxes";
import "./boxes.css";

/** A method's four boxes: the request goes along the upper two, the answer comes back along the lower two. */
export function FourBoxes({ method, onEdit }: { method: Method; onEdit: (box: string) => void }) {
  const [request, integration, answer, response] = boxesOf(method);
  return (
    <div className="boxes">
      {[request, integration, response, answer].map(
        (box) =>
          box && (
            <section key={box.title} aria-label={box.title}>
              <header>
                <Box variant="h4">{box.title}</Box>
                {box.isEdited && (
                  <Button
                    variant="inline-link"
                    ariaLabel={`Edit: ${box.title}`}
                    onClick={() => onEdit(box.title)}
                  >
                    Edit
                  </Button>
                )}
              </header>
              <dl>
                {Object.entries(box.facts).map(([name, value]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>
                      {name === "Function" ? (
                        <GoTo to={to("lambda", "functions", value.split(":")[0] ?? value)}>{value}</GoTo>
                      ) : (
                        value
                      )}
                    </dd>
                  </div>
                ))}
              </dl>
              {Object.entries(box.templates).map(([kind, text]) => (
                <div key={kind}>
                  <Box variant="small">{kind}</Box>
                  <pre className="text">{text || "passed on"}</pre>
                </div>
              ))}
            </section>
          ),
      )}
    </div>
  );
}
