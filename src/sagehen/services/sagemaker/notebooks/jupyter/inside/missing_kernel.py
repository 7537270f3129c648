"""A kernel for which nothing stands: it says so, and how that is cured, to whatever it is asked to run."""

from __future__ import annotations

import os
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class MissingKernel(Kernel):
    """Answers every cell with the reason."""

    implementation = banner = "missing"
    implementation_version = "1"
    language_info = {"name": "python", "mimetype": "text/x-python", "file_extension": ".py"}  # noqa: RUF012

    async def do_execute(self, code: str, silent: bool, *_: Any, **__: Any) -> dict[str, Any]:
        """Tell why nothing runs."""
        reason = os.environ["SAGEHEN_KERNEL_LACK"]
        error = {"ename": "KernelMissing", "evalue": reason, "traceback": [f"KernelMissing: {reason}"]}
        if not silent:
            self.send_response(  # type: ignore[no-untyped-call]
                self.iopub_socket, "error", error
            )
        return {"status": "error", "execution_count": self.execution_count, **error}


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=MissingKernel)
