import Alert from "@cloudscape-design/components/alert";
import { isRouteErrorResponse, useRouteError } from "react-router";
import { GoTo } from "../blocks/GoTo";

/** For an address without a page, and for a page that broke. */
export function NotHere() {
  const error = useRouteError();
  const words =
    error === undefined || isRouteErrorResponse(error)
      ? "There is no page at this address."
      : error instanceof Error
        ? error.message
        : String(error);
  return (
    <Alert type="error" header={error instanceof Error ? "This page does not work" : "Not here"}>
      {words} <GoTo to="/">To the start page</GoTo>
    </Alert>
  );
}
