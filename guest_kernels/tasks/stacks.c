/*
 * Looking for a function on the stacks of this CPU's tasks: every word, without
 * an unwinder, as Ksplice does.  A word that only looks like an address in the
 * function keeps it from being replaced; one that is overlooked cannot be.
 */
#include "queue.h"

__inline bool holds(const u64 *low, const u64 *high, u64 start, u64 end)
{
	for (; low < high; low++)
		if (start < *low && *low < end)
			return 1;
	return 0;
}

/* A task of this CPU, NULL if there is none in the slot. */
notrace struct task *task_in(u32 slot)
{
	struct run_queue *queue = this_cpu_read(this_queue);

	return slot < queue->nr ? &queue->tasks[slot] : NULL;
}

/* Whether a task of this CPU stands in [start, end), or returns there; at its very start it has not begun. */
notrace bool task_holds(u32 slot, u64 start, u64 end)
{
	struct run_queue *queue = this_cpu_read(this_queue);
	const u64 *low = (const u64 *)queue->sp[slot];

	if (slot >= queue->nr)
		return 0;
	if (slot == queue->current)
		__asm__ volatile("movq %%rsp, %0" : "=r"(low));
	return holds(low, stack_top(queue, slot), start, end);
}
