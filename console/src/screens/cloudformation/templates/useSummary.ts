import {
  GetTemplateSummaryCommand,
  type GetTemplateSummaryCommandOutput,
} from "@aws-sdk/client-cloudformation";
import { type Live, useLive } from "../../../live/useLive";
import { cloudformation } from "../client";

/** What CloudFormation finds in a template, and in which. */
export interface Summary extends GetTemplateSummaryCommandOutput {
  text: string;
}

/**
 * What CloudFormation finds in a template: its parameters, and what has to be acknowledged; or what is wrong.
 * While a changed one is read, what was found in the one before stays.
 */
export const useSummary = (text: string): Live<Summary> =>
  useLive(
    ["cloudformation", "template", text],
    async () => ({
      ...(await cloudformation().send(new GetTemplateSummaryCommand({ TemplateBody: text }))),
      text,
    }),
    { enabled: text.trim() !== "", keep: true },
  );
