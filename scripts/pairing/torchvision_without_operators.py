"""torchvision beside a torch of another build: without its compiled operators, as its authors foresee.

PyPI's torchvision is built with CUDA. Beside a torch that is not (an index that has only that for
processors), its libraries do not load; it goes on without them and says so where an operator is called (nms,
decode_jpeg), but for two of its modules, which register shapes and gradients of operators that are not there
and fail at import. They are empty then. `scripts/environment` puts this into .venv where the builds differ,
and nowhere else.
"""

import sys

_REGISTRATIONS = ("torchvision._meta_registrations", "torchvision._autograd_registrations")
# importlib.machinery costs each start of Python a millisecond; the class is there already.
_ModuleSpec = type(sys.__spec__)


class WithoutOperators:
    """Finds these modules, empty, once torchvision has said that it has no operators."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in _REGISTRATIONS:
            return None
        extension = sys.modules.get("torchvision.extension")
        if extension is None or extension._has_ops():
            return None
        return _ModuleSpec(name, WithoutOperators)

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        return None


sys.meta_path.insert(0, WithoutOperators)
