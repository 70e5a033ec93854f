"""stop_machine: every other CPU waits at a known place while the text changes.

The CPUs stop in ``stop_poll`` with interrupts off, as Linux's stopper threads do in ``multi_cpu_stop``
(kernel/stop_machine.c). Whether they serialize when they go on is the difference.
"""

from __future__ import annotations

from simulator.patching.steps import Fence, New, Protocol, ReleaseMachine, Step, StopMachine, Store


def _stopped(*stores: Step) -> tuple[Step, ...]:
    return (StopMachine(), *stores, Fence(), ReleaseMachine())


_WORD = _stopped(Store(0, New(0, 8)))
_BYTES = _stopped(*(Store(offset, New(offset, offset + 1)) for offset in range(5)))

PROTOCOLS = (
    Protocol("stop-machine", "stop, one 8-byte store, release; CPUs serialize on release", _WORD,
             stop_serializes=True),
    Protocol("stop-machine-noserialize", "stop, one 8-byte store, release; CPUs just go on", _WORD),
    Protocol("stop-machine-bytes", "stop, five one-byte stores, release; CPUs serialize on release", _BYTES,
             stop_serializes=True),
    Protocol("stop-machine-bytes-noserialize", "stop, five one-byte stores, release; CPUs just go on", _BYTES),
)  # fmt: skip
