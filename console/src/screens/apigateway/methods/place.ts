import type { Method, Resource } from "@aws-sdk/client-api-gateway";

/** Which method of which API. */
export interface MethodPlace {
  restApiId: string;
  resourceId: string;
  httpMethod: string;
}

/** What a form that changes a method is given. */
export interface BoxForm {
  of: MethodPlace;
  resource: Resource;
  method: Method;
  onClose: (done: boolean) => void;
}
