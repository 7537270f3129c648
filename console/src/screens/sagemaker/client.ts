import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { aws } from "../../aws/client";

export const sagemaker = () => aws(SageMakerClient);
