import type { DataCaptureConfigSummary, DescribeEndpointOutput } from "@aws-sdk/client-sagemaker";

/** How much of the requests is captured, in words. */
export function captureOf(capture: DataCaptureConfigSummary): string {
  if (!capture.EnableCapture) return "off";
  const share = `${capture.CurrentSamplingPercentage ?? 0} % of the requests`;
  return capture.CaptureStatus === "Started" ? share : `${share}, not now`;
}

/** An S3 address as that of a folder, or of one below it. */
export function folderOf(uri: string | undefined, below = ""): string | undefined {
  if (!uri) return undefined;
  const base = `${uri.replace(/\/+$/, "")}/`;
  return below ? `${base}${below}/` : base;
}

/** The shadow variants, with the share of the requests that each gets: its weight against the production variant's. */
export function shadowsOf(endpoint: DescribeEndpointOutput): string {
  const whole = (endpoint.ProductionVariants ?? []).reduce((sum, one) => sum + (one.CurrentWeight ?? 0), 0);
  return (endpoint.ShadowProductionVariants ?? [])
    .map(({ VariantName, CurrentWeight = 0 }) => {
      const share = whole > 0 ? Math.min(1, CurrentWeight / whole) : 0;
      return `${VariantName}: ${Math.round(100 * share)} %`;
    })
    .join(", ");
}
