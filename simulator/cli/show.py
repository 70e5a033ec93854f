"""``kgraft-sim show``: the functions of a guest kernel, and how their patch sites lie."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli import options


def command(
    kernel: Annotated[
        str,
        typer.Argument(metavar="KERNEL", help="Guest kernel, by name or as a folder or C file.", show_default=False),
    ],
    patch: Annotated[
        str | None, typer.Option("--patch", help="A patch of it, by name or as a C file.", metavar="NAME|FILE")
    ] = None,
    as_json: options.Json = False,
    cc: options.Compiler = None,
) -> None:
    """Show functions, patch sites, what the sites cross (8, 16, 32, 64, 4096 bytes) and where the source is.

    \b
    kgraft-sim show syscalls
    kgraft-sim show ./mykernel.c --patch ./fix.c
    """
    from simulator.cli.output import show, width
    from simulator.guest.kernel import load_kernel
    from simulator.report import documents
    from simulator.report.kernel import render

    image = load_kernel(kernel, cpus=1, modules=(patch,) if patch else (), compiler=cc)
    if as_json:
        show(documents.dumps(documents.document("show", **documents.kernel(image))))
    else:
        show(render(image, width()))
