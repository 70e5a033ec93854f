"""One scenario, booted once for all tests of reports."""

import pytest

from simulator.machine.engine import Engine
from simulator.scenario import Scenario
from simulator.scenario.build import Built, build


@pytest.fixture(scope="session")
def built() -> Built:
    return build(Scenario(placement=62), Engine())
