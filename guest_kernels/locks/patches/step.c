/*
 * Another function for the middle of the critical section: counts down.
 */
#include "../locks.h"

__patchable void counter_step_down(void)
{
	u32 before = READ_ONCE(counter);

	guest_assert(READ_ONCE(counter) == before);
	WRITE_ONCE(counter, (before - 1) & COUNT_MASK);
}

KGR_PATCH(counter_step, counter_step_down);
