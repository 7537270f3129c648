"""One execution environment as a SandboxSpec: what AWS says a function finds, written down as data."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import sagehen
from sagehen.domain.identity import Credentials
from sagehen.executors.base import Limits, Mount, Network, OpenDoor, SandboxSpec
from sagehen.executors.isolation.python import installed_at
from sagehen.executors.network.door import door_environment, trust_mounts
from sagehen.services.lambda_.execution.contract import FunctionVersion, InitializationType
from sagehen.services.lambda_.execution.preloading import RUNTIME_PACKAGES
from sagehen.services.lambda_.execution.runtimes import Runtime

_INSIDE = Path(__file__).parent / "inside"
# The variable that names a wrapper script: AWS's runtimes are started by it, `provided` ones are not,
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html
_WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER"
# Whom functions see themselves as on AWS (recorded).
_USER = "sbx_user1051"
_RUNTIME_FOLDER = "/var/runtime"
# Recorded, in public issues: programs in layers begin with `#!/var/lang/bin/python`.
_INTERPRETERS = "/var/lang/bin"
_EXTENSIONS = "/opt/extensions"
# Documented: the Telemetry API's listeners have this name.
_SANDBOX_NAMES = ("sandbox.localdomain", "sandbox")
_TRUST = f"{_RUNTIME_FOLDER}/trust"
# One processor per 1,769 MB, docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html.
_MIB_PER_CPU = 1769
_PROCESSES = 1024
_OPEN_FILES = 1024
WARM_PARENT = "python-lambda"
# Read by a start of Python or by its loader, and yet without effect on what a forked function does: text is
# UTF-8 either way, and packages with libraries of their own are not forked (preloading.may_fork).
_FORKED_VARIABLES = frozenset(("LANG", "LD_LIBRARY_PATH"))
_LIBRARY_PATH = ":".join(
    (
        "/var/lang/lib", "/lib64", "/usr/lib64", "/var/runtime", "/var/runtime/lib",
        "/var/task", "/var/task/lib", "/opt/lib",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TlsDoor:
    """A door as a host of AWS's, at the port of HTTPS: many handlers know no other, and no proxy.

    Args:
        host: Leads to an environment's own loopback.
        open: Serves it, with a certificate that `ca_file` vouches for.
    """

    host: str
    open: OpenDoor


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is the same for every environment of this platform.

    Args:
        platform_port: Where the front door answers inside.
        ca_file: The platform's certificate authority, or None.
        nothing: An empty folder.
        isolated_door: The platform's door without a way to the internet.
        tls_door: Another, in private networks alone: elsewhere its port is the machine's.
        interpreters: A folder with one of programs for each interpreter, see `runtimes.lay_out`.
    """

    platform_port: int
    ca_file: Path | None
    nothing: Path
    isolated_door: OpenDoor | None = None
    tls_door: TlsDoor | None = None
    interpreters: Path | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """What is decided for one start of one environment.

    Args:
        name: Unique on this machine.
        folder: The executor's records of it.
        opt: Merged layers, or None: /opt is there all the same, and empty.
        may_fork: Whether the warm parent's preloaded packages are exactly what the function would import.
        log_stream: Its name.
        kind: Why it is started.
        api_port: Where the Runtime API answers inside.
        credentials: Of the function's role.
        has_extensions: Extensions are started beside the runtime.
    """

    name: str
    folder: Path
    opt: Path | None
    may_fork: bool
    log_stream: str
    kind: InitializationType
    api_port: int
    credentials: Credentials
    has_extensions: bool = False


def sandbox_hosts(around: Surroundings) -> dict[str, str]:
    """Return the names of an environment's own loopback."""
    others = () if around.tls_door is None else (around.tls_door.host,)
    return dict.fromkeys((*_SANDBOX_NAMES, *others), "127.0.0.1")


def spec_of(
    function: FunctionVersion, runtime: Runtime, placement: Placement, network: Network, around: Surroundings
) -> SandboxSpec | None:
    """Return what to run, or None where a `provided` runtime's package has no bootstrap. Blocking."""
    command = _command(function, runtime, placement.opt)
    if command is None:
        return None
    forks = (
        placement.may_fork
        and runtime.kind == "python"
        and "PYTHONPATH" not in function.environment
        and not _is_wrapped(function, runtime)
    )
    if placement.has_extensions:
        command = _supervised(command, forks=forks)
    return SandboxSpec(
        name=placement.name,
        folder=placement.folder,
        command=command,
        limits=limits_of(function),
        environment=_variables(function, runtime, placement, around),
        mounts=tuple(_mounts(function, runtime, placement, around)),
        working_directory="/var/task",
        network=network,
        hostname=placement.name[-64:].lstrip("-"),
        warm_parent=WARM_PARENT if forks else None,
        open_files=_OPEN_FILES,
        packages=RUNTIME_PACKAGES if runtime.kind == "python" else (),
        only_tmp=True,
        raw_output=True,
        # The supervisor gives the runtime one pipe, extensions the other.
        streams_apart=placement.has_extensions,
        forked_variables=_FORKED_VARIABLES.difference(function.environment),
        user_name=_USER,
        own_variables_only=True,
    )


def limits_of(function: FunctionVersion) -> Limits:
    share = function.memory_mib / _MIB_PER_CPU
    return Limits(
        # A share in proportion where processors are short; idle ones are lent, one at least.
        cpus=max(1.0, share),
        cpu_weight=share,
        memory_mib=function.memory_mib,
        processes=_PROCESSES,
        tmp_mib=function.ephemeral_storage_mib,
        tmp_is_memory=False,
    )


def _command(function: FunctionVersion, runtime: Runtime, opt: Path | None) -> tuple[str, ...] | None:
    if _is_wrapped(function, runtime):
        program = "index.mjs" if runtime.kind == "node" else "bootstrap.py"
        start = f"{_RUNTIME_FOLDER}/bootstrap"
        return ("/bin/sh", start, runtime.interpreter, f"{_RUNTIME_FOLDER}/{program}")
    match runtime.kind:
        case "python":
            return ("python", f"{_RUNTIME_FOLDER}/bootstrap.py")
        case "other-python":
            return (runtime.interpreter, f"{_RUNTIME_FOLDER}/bootstrap.py")
        case "node":
            return (runtime.interpreter, f"{_RUNTIME_FOLDER}/index.mjs")
        case "image":
            return None  # see `image_container`
        case "provided":
            roots = [("/var/task", function.code_folder), *([("/opt", opt)] if opt else [])]
            for inside, folder in roots:
                if os.access(folder / "bootstrap", os.X_OK):
                    return (f"{inside}/bootstrap",)
            return None


def _supervised(command: tuple[str, ...], *, forks: bool) -> tuple[str, ...]:
    """Return what starts the extensions first, then the runtime."""
    program = f"{_RUNTIME_FOLDER}/supervisor.py"
    if forks:
        return ("python", program, _EXTENSIONS, "fork", *command)
    # Isolated: variables that are meant for the function's own Python are none of its business.
    return ("python", "-I", program, _EXTENSIONS, "start", *command)


def _is_wrapped(function: FunctionVersion, runtime: Runtime) -> bool:
    return bool(function.environment.get(_WRAPPER)) and runtime.kind != "provided"


def _mounts(
    function: FunctionVersion, runtime: Runtime, placement: Placement, around: Surroundings
) -> list[Mount]:
    mounts = [Mount(function.code_folder, "/var/task"), *_layers(placement.opt or around.nothing, runtime)]
    if placement.has_extensions:
        mounts.append(Mount(_INSIDE / "supervisor.py", f"{_RUNTIME_FOLDER}/supervisor.py"))
    if _is_wrapped(function, runtime):
        mounts.append(Mount(_INSIDE / "bootstrap", f"{_RUNTIME_FOLDER}/bootstrap"))
    if runtime.kind in ("python", "other-python"):
        mounts.append(Mount(_INSIDE / "bootstrap.py", f"{_RUNTIME_FOLDER}/bootstrap.py"))
    if runtime.interpreter and around.interpreters is not None:
        mounts.append(Mount(around.interpreters / runtime.name, _INTERPRETERS))
    if around.ca_file is not None:
        mounts += trust_mounts(around.ca_file, _TRUST)
    if runtime.prefix is not None:
        mounts.append(Mount(runtime.prefix, str(runtime.prefix)))
    if runtime.kind == "node":
        mounts.append(Mount(_INSIDE / "node_runtime.mjs", f"{_RUNTIME_FOLDER}/index.mjs"))
        if runtime.modules is not None:
            mounts.append(Mount(runtime.modules, f"{_RUNTIME_FOLDER}/node_modules"))
    if runtime.kind == "other-python":
        # What somebody installed for this Python is not part of the runtime.
        mounts += [Mount(around.nothing, str(folder)) for folder in _installed_for(runtime)]
        mounts.append(Mount(_INSIDE / "runtime_client.py", f"{_RUNTIME_FOLDER}/runtime_client.py"))
        for package in RUNTIME_PACKAGES:
            path = installed_at(package)
            # Compiled for the platform's own interpreter: other ones do without.
            if path is not None and path.suffix != ".so":
                mounts.append(Mount(path, f"{_RUNTIME_FOLDER}/{path.name}"))
    return mounts


def _layers(opt: Path, runtime: Runtime) -> list[Mount]:
    """Return what makes /opt. An interpreter that lives there itself must not be hidden by the layers."""
    homes = (Path(sys.prefix), Path(sys.base_prefix), Path(sagehen.__file__), runtime.prefix)
    if any(home is not None and home.is_relative_to("/opt") for home in homes):
        return [Mount(one, f"/opt/{one.name}") for one in sorted(opt.iterdir()) if one.exists()]
    return [Mount(opt, "/opt")]


def _installed_for(runtime: Runtime) -> list[Path]:
    """Return the folders of this machine in which the interpreter would find installed packages."""
    prefix = runtime.prefix or Path("/usr")
    libraries = [prefix / "lib" / runtime.name]
    if runtime.prefix is None:  # Debian's
        libraries += [Path("/usr/lib/python3"), Path("/usr/local/lib", runtime.name)]
    found = (library / name for library in libraries for name in ("site-packages", "dist-packages"))
    return [folder for folder in found if folder.is_dir()]


def shared_variables(
    function: FunctionVersion, placement: Placement, around: Surroundings, trust: str
) -> dict[str, str]:
    """Return what Lambda sets for every function, whatever it is made of.

    Args:
        trust: The folder of `trust_mounts`.
    """
    variables = {
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mib),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group or f"/aws/lambda/{function.function_name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": placement.log_stream,
        "AWS_LAMBDA_INITIALIZATION_TYPE": placement.kind,
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{placement.api_port}",
        "AWS_REGION": function.scope.region,
        "AWS_DEFAULT_REGION": function.scope.region,
        "TZ": ":UTC",
        **door_environment(around.platform_port, trust if around.ca_file else None),
        **placement.credentials.environment(),
    }
    if function.log_format == "JSON":
        variables |= {
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": function.application_log_level,
        }
    return variables


def _variables(
    function: FunctionVersion, runtime: Runtime, placement: Placement, around: Surroundings
) -> dict[str, str]:
    folders = "/usr/local/bin:/usr/bin:/bin:/opt/bin"
    variables = shared_variables(function, placement, around, _TRUST) | {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LAMBDA_RUNTIME_DIR": _RUNTIME_FOLDER,
        "_HANDLER": function.handler,
        "SHLVL": "0",
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": _LIBRARY_PATH,
        "PATH": f"{Path(runtime.interpreter).parent}:{folders}" if runtime.interpreter else folders,
    }
    if runtime.kind in ("python", "other-python"):
        variables["SAGEHEN_LAYERS"] = "/opt/python"  # for inside/bootstrap.py, which takes it away
    if runtime.kind == "node":
        major = runtime.version.split(".")[0]
        variables["NODE_PATH"] = (
            f"/opt/nodejs/node{major}/node_modules:/opt/nodejs/node_modules:{_RUNTIME_FOLDER}/node_modules"
        )
    return variables | dict(function.environment)
