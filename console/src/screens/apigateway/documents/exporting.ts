import { GetExportCommand } from "@aws-sdk/client-api-gateway";
import { save } from "../../s3/objects/download";
import { gateway } from "../client";

/** Saves what a stage has deployed as an OpenAPI document, with API Gateway's own members. */
export async function exportStage(restApiId: string, stageName: string): Promise<void> {
  const { body } = await gateway().send(
    new GetExportCommand({
      restApiId,
      stageName,
      exportType: "oas30",
      parameters: { extensions: "apigateway" },
      accepts: "application/json",
    }),
  );
  save(
    new Blob([new Uint8Array(body ?? [])], { type: "application/json" }),
    `${restApiId}-${stageName}.json`,
  );
}
