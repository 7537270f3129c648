"""No framework: what a job finds around itself."""

import os

print(os.environ["TRAINING_JOB_NAME"], "in", os.getcwd(), "with", os.environ["SM_NUM_GPUS"], "GPUs")
print("score=" + os.environ.get("SM_HP_RATE", "0.5"))
