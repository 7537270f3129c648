import {
  GetTemplateSummaryCommand,
  type GetTemplateSummaryCommandOutput,
} from "@aws-sdk/client-cloudformation";
import { type Live, useLive } from "../../../live/useLive";
import { cloudformation } from "../client";

/** What CloudFormation finds in a template: its parameters, and what has to be acknowledged; or what is wrong. */
export const useSummary = (text: string): Live<GetTemplateSummaryCommandOutput> =>
  useLive(
    ["cloudformation", "template", text],
    () => cloudformation().send(new GetTemplateSummaryCommand({ TemplateBody: text })),
    { enabled: text.trim() !== "", keep: true },
  );
