"""How it runs: vCPUs, memory, fetch, interrupts, as one deterministic transition system."""
