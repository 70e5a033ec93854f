"""``kgraft-sim list``: what there is to run."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli.options import Json


def command(
    kernels: Annotated[bool, typer.Option("--kernels", help="Guest kernels.")] = False,
    protocols: Annotated[bool, typer.Option("--protocols", help="Patching protocols.")] = False,
    models: Annotated[bool, typer.Option("--models", help="Consistency models, for kernels with tasks.")] = False,
    profiles: Annotated[bool, typer.Option("--profiles", help="Models of instruction fetch.")] = False,
    as_json: Json = False,
) -> None:
    """List scenarios, or kernels, protocols, consistency models or fetch models.

    \b
    kgraft-sim list
    kgraft-sim list --protocols
    """
    if as_json:
        _json()
        return
    from simulator.cli.output import show, width
    from simulator.report import listing

    parts = []
    if kernels:
        parts.append(listing.pairs("kernel", _kernels(), width()))
    if protocols:
        parts.append(listing.pairs("protocol", _protocols(), width()))
    if models:
        parts.append(listing.pairs("model", _models(), width()))
    if profiles:
        parts.append(listing.pairs("fetch model", _profiles(), width()))
    show("\n\n".join(parts) if parts else _scenarios())


def _scenarios() -> str:
    from simulator.cli.output import width
    from simulator.report.listing import scenarios
    from simulator.scenario.catalogue import find, names

    entries = [find(name) for name in names()]
    if not entries:
        return "no scenarios are installed; write one: a Python file with 'scenario = Scenario(...)'"
    return scenarios(entries, width())


def _kernels() -> list[tuple[str, str]]:
    from simulator.data import data_folder
    from simulator.guest.kernel import kernel_names

    def patches(name: str) -> str:
        found = sorted(path.stem for path in (data_folder("guest_kernels") / name / "patches").glob("*.c"))
        return f"patches: {', '.join(found) or 'none'}"

    return [(name, patches(name)) for name in kernel_names()]


def _protocols() -> list[tuple[str, str]]:
    from simulator.patching.protocols import PROTOCOLS

    return [(name, protocol.story) for name, protocol in PROTOCOLS.items()]


def _models() -> list[tuple[str, str]]:
    from simulator.patching.consistency import MODELS

    return [(name, model.promise) for name, model in MODELS.items()]


def _profiles() -> list[tuple[str, str]]:
    from simulator.machine.profiles import PROFILES

    return [(name, f"{profile.letter}: {profile.reading}") for name, profile in PROFILES.items()]


def _json() -> None:
    from simulator.cli.output import show
    from simulator.machine.profiles import PROFILES
    from simulator.patching.consistency import MODELS
    from simulator.patching.protocols import PROTOCOLS
    from simulator.patching.steps import describe
    from simulator.report import documents
    from simulator.scenario.catalogue import find, names

    content = documents.document(
        "list",
        scenarios=[documents.scenario(find(name)) for name in names()],
        kernels=[{"name": name, "about": about} for name, about in _kernels()],
        protocols=[
            {
                "name": name, "story": each.story, "steps": [describe(step) for step in each.steps],
                "handler": each.handler,
            }
            for name, each in PROTOCOLS.items()
        ],
        models=[
            {"name": name, "promise": each.promise, "fails": each.fails, "source": each.source}
            for name, each in MODELS.items()
        ],
        profiles=[
            {
                "name": name, "letter": each.letter, "granule": each.granule, "store_granule": each.store_granule,
                "age": each.age.value, "reading": each.reading,
            }
            for name, each in PROFILES.items()
        ],
    )  # fmt: skip
    show(documents.dumps(content))
