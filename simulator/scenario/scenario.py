"""A scenario: which kernel runs, what is patched how, what is asked, and what is expected. Data, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.errors import ScenarioError
from simulator.explore.properties import ON_REQUEST, PROPERTIES
from simulator.machine.profiles import PROFILES
from simulator.patching.consistency import Model
from simulator.patching.consistency import model as model_by_name
from simulator.patching.protocols import protocol as protocol_by_name
from simulator.patching.steps import Protocol

MAX_CPUS = 15
"""Executing vCPUs a scenario may ask for; the guest's tables end there."""

OUTCOMES = ("safe", "vacuous", *(f"violation:{name}" for name in (*PROPERTIES, *ON_REQUEST)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One question about one patch. Every field has the value of the plain case.

    ``expect`` maps fetch models to verdicts: keys are ``"*"`` or letters of the profiles (``"ABC"``), values
    are ``safe`` or ``violation:PROPERTY``. Raises ScenarioError for values that make no sense.
    """

    kernel: str = "minimal"
    """Name of a shipped guest kernel, or a path to a folder or C file."""
    patch: str | None = "answer"
    """Name of a patch of that kernel, or a path to a C file; None: the kernel as it is."""
    functions: tuple[str, ...] = ()
    """What is patched; empty: every pair that the patch names."""
    edits: tuple[str, ...] = ("jmp",)
    """What each site becomes, one after another: jmp, nop, jmp:FUNCTION or call:FUNCTION.

    With a consistency model jmp, nop or jmp:SUFFIX, and behind an @ the functions it is about, where not all.
    """
    cpus: int = 1
    """vCPUs that execute the workload, besides the patchers."""
    workload: str | tuple[str, ...] = "workload_caller"
    """Guest function they run; several are dealt out in turn."""
    protocol: str | Protocol = "text-poke"
    patchers: tuple[str, ...] = ()
    """Guest functions that patch, one vCPU each; empty: one vCPU that runs the protocol."""
    consistency: str | Model | None = None
    """When tasks see the new functions; it brings its own patcher. Needs a kernel with tasks."""
    tasks: tuple[tuple[str, ...], ...] = ()
    """Programs of the tasks of each CPU, dealt out in turn; ``+`` in front: born later, by a fork."""
    handler: str | None = None
    """Guest function for #BP; None: what the protocol asks for."""
    placement: int | None = None
    """Address of the first site modulo 64 KiB; None: where the linker puts it."""
    endbr: bool = False
    """Compiled with -fcf-protection=branch: the site stands behind an ENDBR64."""
    five_nops: bool = False
    """Compiled with -fpatchable-function-entry=5: five one-byte NOPs."""
    words: Mapping[str, int | str] = field(default_factory=dict)
    """Guest words to set before boot: a number, or the name of a function whose address to store."""
    ist_nmi: int = 2
    ist_bp: int = 0
    """Interrupt stack table index of the NMI and #BP gates; 0: the current stack."""
    nmis: int = 0
    """External NMIs that may arrive at each executing vCPU, at any time."""
    fetch: str = "zen3"
    """Fetch model where none is asked for."""
    data_model: str = "tso"
    properties: tuple[str, ...] = PROPERTIES
    demands: tuple[str, ...] = ()
    """Guest functions that some schedule must execute, besides what the protocol implies."""
    unchecked: bool = False
    """Go on where a static check speaks against the site."""
    expect: Mapping[str, str] = field(default_factory=lambda: {"*": "safe"})

    def __post_init__(self) -> None:
        if not 0 <= self.cpus <= MAX_CPUS:
            raise ScenarioError(f"cpus={self.cpus}: a scenario has 0 to {MAX_CPUS} executing vCPUs")
        unknown = [name for name in self.properties if name not in (*PROPERTIES, *ON_REQUEST)]
        if unknown:
            raise ScenarioError(f"no property {unknown[0]!r}; choose among: {', '.join((*PROPERTIES, *ON_REQUEST))}")
        if isinstance(self.protocol, str):
            protocol_by_name(self.protocol)
        if isinstance(self.consistency, str):
            model_by_name(self.consistency)
        letters = {profile.letter for profile in PROFILES.values()}
        for key, value in self.expect.items():
            if key != "*" and not set(key) <= letters:
                known = "".join(sorted(letters))
                raise ScenarioError(f"expect[{key!r}]: keys are '*' or letters of fetch models ({known})")
            if value not in OUTCOMES:
                raise ScenarioError(f"expect[{key!r}] = {value!r}; choose one of: {', '.join(OUTCOMES)}")

    @property
    def steps(self) -> Protocol:
        """Return the protocol itself."""
        return protocol_by_name(self.protocol) if isinstance(self.protocol, str) else self.protocol

    @property
    def model(self) -> Model | None:
        """Return the consistency model itself."""
        return model_by_name(self.consistency) if isinstance(self.consistency, str) else self.consistency

    @property
    def protocol_name(self) -> str:
        """Return the consistency model's name, the protocol's, or those of the guest's own patchers."""
        if self.model is not None:
            return self.model.name
        return "+".join(self.patchers) if self.patchers else self.steps.name

    def expected(self, profile: str) -> str | None:
        """Return the verdict expected under a profile, None when the scenario does not say."""
        letter = PROFILES[profile].letter
        for key, value in self.expect.items():
            if letter in key:
                return value
        return self.expect.get("*")
