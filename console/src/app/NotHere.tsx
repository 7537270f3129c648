import Alert from "@cloudscape-design/components/alert";
import { isRouteErrorResponse, useRouteError } from "react-router";
import { GoTo } from "../blocks/links/GoTo";

/** Chrome's, Firefox's and Safari's words for a part of the console that could not be fetched. */
const isAway = ({ message }: Error) =>
  /dynamically imported module|Importing a module script failed/i.test(message);

/** For an address without a page, and for a page that broke. */
export function NotHere() {
  const error = useRouteError();
  const words =
    error === undefined || isRouteErrorResponse(error)
      ? "There is no page at this address."
      : error instanceof Error
        ? isAway(error)
          ? "The platform did not answer when this page was asked for. When it runs again, open the console anew."
          : error.message
        : String(error);
  return (
    <Alert type="error" header={error instanceof Error ? "This page does not work" : "Not here"}>
      {words} <GoTo to="/">To the start page</GoTo>
    </Alert>
  );
}
