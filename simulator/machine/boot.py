"""Boot: every vCPU runs its own start-up code, one after another, until the kernel is ready."""

from __future__ import annotations

from simulator.errors import LoadError
from simulator.machine.choice import Kind
from simulator.machine.engine import Engine
from simulator.machine.events import Delivered, Shutdown
from simulator.machine.machine import Machine, MachineConfig, fresh_vcpu
from simulator.machine.memory import BootImage
from simulator.machine.state import State
from simulator.machine.vcpu import CpuLayout, VCpu

LONGEST_BOOT = 100_000
"""Instructions after which boot is given up."""


def boot(image: BootImage, layouts: tuple[CpuLayout, ...], ready: int, engine: Engine) -> tuple[BootImage, State]:
    """Run all vCPUs to ``ready`` and return the sealed image with the first state to explore.

    Boot is ordinary guest code on the coherent machine. What it wrote becomes part of the image, read-only
    where the guest says so. Raises LoadError when a vCPU does not get there.
    """
    machine = Machine(image, layouts, MachineConfig(data_model="sc"), engine)
    state = State((), tuple(fresh_vcpu(layout) for layout in layouts))
    for layout in layouts:
        state = _boot_one(machine, state, layout.number, ready)
    sealed = image.rebased(state.memory, *(vcpu.private for vcpu in state.vcpus))
    return sealed, State((), tuple(_settled(vcpu) for vcpu in state.vcpus))


def _boot_one(machine: Machine, state: State, cpu: int, ready: int) -> State:
    for _ in range(LONGEST_BOOT):
        vcpu = state.vcpus[cpu]
        if vcpu.rip == ready and not vcpu.stores:
            return state
        moves = [move for move in machine.moves(vcpu, state.memory) if move.choice.kind in (Kind.EXECUTE, Kind.COMMIT)]
        if not moves:
            raise LoadError(f"vCPU{cpu} halted during boot at {vcpu.rip:#x}; the kernel never reached cpu_ready")
        for event in moves[0].events:
            if isinstance(event, Shutdown | Delivered):
                raise LoadError(f"vCPU{cpu} faulted during boot at {vcpu.rip:#x}: {moves[0].events}")
        state = machine.result(state, moves[0])
    raise LoadError(f"vCPU{cpu} did not reach cpu_ready within {LONGEST_BOOT:,} instructions of boot")


def _settled(vcpu: VCpu) -> VCpu:
    return vcpu._replace(private=(), shadow=False)
