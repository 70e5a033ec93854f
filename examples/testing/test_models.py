"""Two functions whose contract changes together, and when a task may see the new ones."""

import pytest


@pytest.mark.parametrize("model", ["kgraft", "hybrid", "stop-machine"])
def test_no_task_sees_both_contracts(kgraft, model):
    kgraft("contract-immediate", consistency=model)


def test_without_a_consistency_model_one_does(kgraft):
    kgraft("contract-immediate", expect="violation:consistency")
