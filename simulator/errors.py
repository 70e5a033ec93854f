"""Every error a user can see, as one tree.

::

    SimulatorError
    ├── AssemblyError        a line of assembly that cannot be assembled
    ├── GuestError           something about the guest kernel or patch
    │   ├── BuildError       the compiler is missing or refused the source
    │   ├── LoadError        an object cannot be linked or placed
    │   └── UnknownSymbol    a name the kernel does not have
    ├── ScenarioError        a scenario that makes no sense
    ├── LitmusError          a litmus test that cannot be read or assembled
    ├── StoreError           a result store that cannot be used
    ├── ClusterError         a Dask cluster that cannot be used
    ├── WorkersLost          workers that died; what was finished is kept
    ├── TraceError           a trace that cannot be written
    ├── ReportError          a report that cannot be written
    └── ScheduleError        a replay string that cannot be read
        └── ScheduleMismatch ... or was made for something else

A bug that was *found* is never an exception: it is a value, a ``Verdict``.
"""


class SimulatorError(Exception):
    """What is wrong, where, and what to do, in one line."""


class AssemblyError(SimulatorError):
    """A line of assembly that cannot be assembled; the message names the line."""


class GuestError(SimulatorError):
    """Something about the guest kernel or patch."""


class BuildError(GuestError):
    """The compiler is missing or refused the source; carries the compiler's own message."""


class LoadError(GuestError):
    """An object cannot be linked or placed."""


class UnknownSymbol(GuestError):
    """A name the kernel does not have; the message lists the closest ones."""


class ScenarioError(SimulatorError):
    """A scenario that makes no sense."""


class LitmusError(SimulatorError):
    """A litmus test that cannot be read or assembled; the message names file, line and column."""


class StoreError(SimulatorError):
    """A result store that cannot be used; the message names the file."""


class ClusterError(SimulatorError):
    """A Dask cluster that cannot be used: not installed, not reachable, or not able to run a job."""


class WorkersLost(SimulatorError):
    """Workers that died, with the job they died of; what was finished is kept."""


class TraceError(SimulatorError):
    """A trace that cannot be written: no such format, or no such place."""


class ReportError(SimulatorError):
    """A report that cannot be written; the message names the file."""


class ScheduleError(SimulatorError):
    """A replay string that cannot be read."""


class ScheduleMismatch(ScheduleError):
    """A replay string made for something else; the message says what differs and lists the choices."""
