"""`python -m sagehen.trainingtoolkit`: what `train` is in SageMaker's framework images."""

from __future__ import annotations

import io
import sys
import traceback

from sagehen.trainingtoolkit import entry_point, environment, failure

# Whatever the script's own code was, which the failure file tells: so does AWS's toolkit.
_FAILED = 1


def main() -> None:
    """Run the entry point and exit with its code; a failure is also written to /opt/ml/output/failure."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)  # log lines are read while the job runs
    training = environment.read()
    try:
        entry_point.run(training)
    except failure.ExecuteUserScriptError as error:
        if advice := failure.advice(error.report()):
            print(f"sagehen: {advice}", flush=True)
        failure.write(training.failure_file, error.report())
        sys.exit(_FAILED)
    except failure.ToolkitError as error:
        print(f"ERROR: {error}", file=sys.stderr, flush=True)
        failure.write(training.failure_file, error.report())
        sys.exit(_FAILED)
    except Exception as error:
        traceback.print_exc()
        failure.write(training.failure_file, f"Exception during training: {failure.error_text(error)}")
        sys.exit(_FAILED)
    failure.write(training.success_file, "")


if __name__ == "__main__":
    main()
