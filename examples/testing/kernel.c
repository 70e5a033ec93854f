/* A kernel of one function that is to be patched, and a CPU that calls it for ever. */

#include "kgraft.h"
#include "cpu.h"

/* How many slots there are. */
__patchable int limit(void)
{
	return opaque(16);
}

notrace void workload_caller(void)
{
	forget_cpu();
	for (;;) {
		int n = limit();

		guest_assert(n == 16 || n == 8);
	}
}
