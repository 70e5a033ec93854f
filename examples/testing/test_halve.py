"""A patch in C on a kernel in C, kept safe: this is all that a project needs."""

import pytest


@pytest.mark.kgraft("halve.c", kernel="kernel.c", fetch=["coherent", "zen3", "stale8"])
def test_the_patch_is_safe_under_three_models_of_fetch():
    pass


@pytest.mark.kgraft("off_by_one.c", kernel="kernel.c", expect="violation:assertions")
def test_the_bug_of_the_other_patch_is_found():
    pass
