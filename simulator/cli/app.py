"""The commands put together, and the one place where errors become one line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from simulator.cli import campaign, check, compare, gdb, list, litmus, matrix, minimize, patch, replay, run, show, step
from simulator.cli.exits import Exit
from simulator.cli.interrupts import heard
from simulator.errors import SimulatorError, WorkersLost

PROGRAM = "kgraft-sim"
_INTERRUPTED = 130
"""What typer returns after Ctrl-C."""
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
for _module in (list, show, run, patch, check, matrix, minimize, compare, litmus, campaign, replay, step, gdb):
    app.command(name=_module.__name__.rpartition(".")[2])(_module.command)


@app.callback()
def _about(
    debug: bool = typer.Option(False, "--debug", envvar="KGRAFT_DEBUG", help="Show the traceback of an error."),
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    """Patch a small multi-CPU x86-64 kernel while it runs, and check every schedule.

    \b
    kgraft-sim list             what there is to run
    kgraft-sim run NAME         one execution, step by step
    kgraft-sim check NAME       every execution: SAFE, or the shortest counterexample

    Exit codes: 0 as expected, 1 violated or not as expected, 2 usage, 3 incomplete, 4 internal error.
    """
    if version:
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as version_of

        try:
            typer.echo(f"{PROGRAM} {version_of(PROGRAM)}")
        except PackageNotFoundError:
            typer.echo(f"{PROGRAM} (not installed)")
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code. Every error ends here, as one line on stderr."""
    words = sys.argv[1:] if arguments is None else [*arguments]
    try:
        with heard():
            code = app(words or ["--help"], prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
        if code == _INTERRUPTED:
            raise KeyboardInterrupt
        return int(code or 0) if words else Exit.USAGE
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else Exit.USAGE
    except BrokenPipeError:
        return _quiet()
    except (KeyboardInterrupt, typer.Abort):
        return _say("interrupted", Exit.INCOMPLETE)
    except _UsageError as error:
        return _usage(error)
    except SimulatorError as error:
        code = Exit.INCOMPLETE if isinstance(error, WorkersLost) else Exit.USAGE
        return _say(str(error), code, error, words)
    except Exception as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        hint = "--debug shows where" if not _wants_traceback(words) else "the traceback is above"
        return _say(f"{what}; this is a bug in {PROGRAM} ({hint})", Exit.INTERNAL, error, words)


def _usage(error: Exception) -> int:
    """Print a usage error of the parser."""
    format_message = getattr(error, "format_message", None)
    message = " ".join(str(format_message() if format_message else error).split())
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else PROGRAM
    return _say(f"{message.rstrip('.')} ('{path} --help' shows the options)", Exit.USAGE)


def _say(message: str, code: Exit, error: Exception | None = None, words: Sequence[str] = ()) -> int:
    if error is not None and _wants_traceback(words):
        import traceback

        traceback.print_exception(error)
    sys.stdout.flush()
    sys.stderr.write(f"{PROGRAM}: {message}\n")
    return code


def _wants_traceback(words: Sequence[str]) -> bool:
    return "--debug" in words or os.environ.get("KGRAFT_DEBUG", "0") not in ("", "0")


def _quiet() -> int:
    """Stop writing: whoever read the output has gone away (``| head``)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.OK
