/**
 * Where a stage is reached from this browser: by a name under localhost, which browsers know without a resolver and
 * which gives every API an origin of its own; by path where the platform itself is reached by another name.
 */
export function invokeUrl(
  api: string,
  stage: string,
  place: { hostname: string; origin: string; port: string },
): string {
  const here = ["localhost", "127.0.0.1", "[::1]"].includes(place.hostname);
  const port = place.port ? `:${place.port}` : "";
  return here
    ? `http://${api}.execute-api.localhost${port}/${stage}/`
    : `${place.origin}/restapis/${api}/${stage}/_user_request_/`;
}
