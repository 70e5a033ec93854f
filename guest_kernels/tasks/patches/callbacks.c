/*
 * Two versions of a function, with callbacks that say in which order they ran.
 */
#include "../kernel.h"

/* The calls that are expected, one hexadecimal digit each.  Written by the simulator. */
u32 callback_order __ro_after_init;

/* Those there were. */
static u32 callbacks_seen;

static notrace void saw(u32 callback)
{
	u32 expected = callback_order;

	callbacks_seen = callbacks_seen << 4 | callback;
	while (expected > callbacks_seen)
		expected >>= 4;
	guest_assert(callbacks_seen == expected);
}

/* No task is in a transition, and none runs old functions. */
static notrace void saw_settled(u32 callback)
{
	u32 cpu, slot;

	for_each_task(cpu, slot)
		guest_assert(!READ_ONCE(tasks[cpu][slot].kgr));
	saw(callback);
}

__patchable long sys_reserve_first(u64 pages)
{
	return pages * PAGE_SIZE;
}

notrace long first_pre_patch(void)
{
	saw_settled(1);
	return 0;
}

notrace void first_post_patch(void)
{
	saw_settled(2);
}

notrace void first_pre_unpatch(void)
{
	saw_settled(3);
}

notrace void first_post_unpatch(void)
{
	saw(4);
}

__patchable long sys_reserve_second(u64 pages)
{
	return PAGE_SIZE * pages;
}

notrace long second_pre_patch(void)
{
	saw_settled(5);
	return 0;
}

notrace void second_post_patch(void)
{
	saw_settled(6);
}

KGR_PATCH(sys_reserve, sys_reserve_first);
KGR_CALLBACKS(sys_reserve_first, .pre_patch = first_pre_patch, .post_patch = first_post_patch,
	      .pre_unpatch = first_pre_unpatch, .post_unpatch = first_post_unpatch);
KGR_CALLBACKS(sys_reserve_second, .pre_patch = second_pre_patch, .post_patch = second_post_patch);
