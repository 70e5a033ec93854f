"""The class of the machine that measured: what its times depend on, and nothing that names it."""

from __future__ import annotations

import os
import platform
import re
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.process import run


def describe() -> dict[str, str]:
    """Return processor, cores, memory, system and versions, as far as the system says."""
    known = {
        "processor": _processor(), "cores": str(os.cpu_count() or 1), "memory": _memory(),
        "system": f"{platform.system()} {platform.machine()}", "load before": _load(),
        "Python": f"{platform.python_implementation()} {platform.python_version()}", "Unicorn": _version("unicorn"),
        "SPIN": _of_program("spin", "-V"), "gcc": _of_program("gcc", "-dumpfullversion"),
    }  # fmt: skip
    return {name: value for name, value in known.items() if value}


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor()


def _memory() -> str:
    try:
        return f"{round(os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30)} GiB"
    except (ValueError, OSError):
        return ""


def _load() -> str:
    try:
        return f"{os.getloadavg()[0]:.1f}"
    except OSError:
        return ""


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _of_program(program: str, option: str) -> str:
    if shutil.which(program) is None:
        return ""
    found = re.search(r"\d+(\.\d+)+", run([program, option]).output)
    return found[0] if found else ""
