import { UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { useState } from "react";
import { TextField } from "../../../blocks/fields/TextField";
import { FormModal } from "../../../blocks/modals/FormModal";
import { sagemaker } from "../client";

export interface Decision {
  status: "Approved" | "Rejected";
  arns: string[];
}

/** Approves or rejects versions, and says why. */
export function DecisionModal({ decision, onClose }: { decision: Decision; onClose: () => void }) {
  const [description, setDescription] = useState("");
  const verb = decision.status === "Approved" ? "Approve" : "Reject";
  const versions = decision.arns.map((arn) => arn.split("/").pop()).join(", ");
  const decide = async () => {
    for (const arn of decision.arns)
      await sagemaker().send(
        new UpdateModelPackageCommand({
          ModelPackageArn: arn,
          ModelApprovalStatus: decision.status,
          ApprovalDescription: description,
        }),
      );
  };
  return (
    <FormModal
      title={`${verb} version ${versions}`}
      verb={verb}
      ready={decision.arns.length > 0}
      submit={decide}
      onClose={onClose}
    >
      <TextField
        label="Description"
        hint="Why; whoever looks at the version reads it."
        value={description}
        onChange={setDescription}
        first
      />
    </FormModal>
  );
}
