"""Maskable IPIs as syncs, and a handler that counts itself: safe, with belt and braces.

The same count as in `nmi_sync_and_refcount`. Here the last sync has already waited for every handler, and
the count is zero whenever it is looked at; Linux needs it for breakpoints that are not its own.

Source: Linux commit efd608fa7403 ("x86/alternative: Fix race in try_get_desc()"), where the count is what
matters.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="wait-refs", expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
