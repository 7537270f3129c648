import { Fragment } from "react";

/** An ARN or an address, which a narrow place breaks after its colons and slashes rather than within a word. */
export function Breaking({ text }: { text: string }) {
  let at = 0;
  const parts = text.split(/(?<=[:/])/).map((part) => {
    const key = at;
    at += part.length;
    return (
      <Fragment key={key}>
        {part}
        <wbr />
      </Fragment>
    );
  });
  return <span className="breaking">{parts}</span>;
}
