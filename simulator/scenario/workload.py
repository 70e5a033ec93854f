"""A scenario from a kernel with tasks and a patch of it, where nobody has written one down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simulator.errors import ScenarioError
from simulator.guest.image import Image
from simulator.guest.kernel import kernel_names, load_kernel
from simulator.scenario.consistent import WORKLOAD
from simulator.scenario.scenario import Scenario

_USER = "user_"
_PREFIXES = (_USER, "kthread_")
_MOST = 3


def is_kernel(name: str) -> bool:
    """Say whether a name is that of a kernel, or of a folder or source that could be one."""
    path = Path(name)
    return name in kernel_names() or path.is_dir() or (path.suffix in (".c", ".S") and path.is_file())


def scenario_for(
    kernel: str, patch: str, tasks: tuple[tuple[str, ...], ...] = (), functions: tuple[str, ...] = (),
    *, cpus: int | None = None, compiler: str | None = None,
) -> Scenario:  # fmt: skip
    """Return the scenario of a patch of a kernel, still without a consistency model.

    Without ``tasks``, the first CPU runs the programs named after what is patched, and every other one the first of
    them; ``cpus`` is as many as there are groups of tasks. Raises ScenarioError or GuestError.
    """
    image = load_kernel(kernel, cpus=1, modules=(patch,), compiler=compiler)
    if WORKLOAD not in image.symbols:
        raise ScenarioError(f"{kernel} has no tasks; a consistency model needs a kernel that has, such as 'tasks'")
    replaced = tuple(dict.fromkeys(pair.old for pair in image.patches))
    unknown = [name for name in functions if name not in replaced]
    if unknown:
        raise ScenarioError(f"the patch has no replacement for {unknown[0]}; it has some for {', '.join(replaced)}")
    chosen = tasks or _usual(image, functions or replaced)
    return Scenario(
        kernel=kernel, patch=patch, functions=functions, tasks=chosen, cpus=len(chosen) if cpus is None else cpus
    )


def parse_tasks(text: str | None) -> tuple[tuple[str, ...], ...]:
    """Return ``a,b/c`` as the programs a and b of one CPU and c of the next. Raises ScenarioError."""
    groups = tuple(tuple(name.strip() for name in group.split(",")) for group in (text or "").split("/"))
    if text is None:
        return ()
    if not all(name for group in groups for name in group):
        raise ScenarioError(f"--tasks {text!r}: write programs as a,b/c: a and b on the first CPU, c on the next")
    return groups


def _usual(image: Image, functions: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return ``user_reserve`` for ``sys_reserve``, and so on: two tasks on the first CPU, one on the next."""
    programs = [symbol.name for symbol in image.symbols if symbol.name.startswith(_PREFIXES)]
    users = [name for name in programs if name.startswith(_USER)]
    named = [name for name in users if any(name.removeprefix(_USER) in function for function in functions)]
    if not named:
        raise ScenarioError(
            f"no program of {image.name} is named after {', '.join(functions) or 'a patched function'}; "
            f"choose tasks, as --tasks a,b/c, among: {', '.join(programs)}"
        )
    return tuple((named * 2)[: max(2, len(named))][:_MOST]), (named[0],)
