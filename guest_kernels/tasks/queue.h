/*
 * The run queue of a CPU: private to it, so nobody else can tell when it changes.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include "tasks.h"

struct run_queue {
	struct task *tasks;		/* of this CPU */
	u64 base;			/* of its per-CPU block */
	u32 current, nr;
	u64 sp[TASK_SLOTS];		/* of those that do not run */
};

extern struct run_queue	*this_queue;	/* per CPU */
extern u64	task_stack_1[TASK_STACK / 8], task_stack_2[TASK_STACK / 8];	/* per CPU */

/* Where the stack of a task ends. */
__inline u64 *stack_top(const struct run_queue *queue, u32 slot)
{
	u64 tops[TASK_SLOTS] = {
		MAIN_STACK_TOP, (u64)&task_stack_1[TASK_STACK / 8], (u64)&task_stack_2[TASK_STACK / 8],
	};

	return (u64 *)(queue->base + tops[slot]);
}

#endif
