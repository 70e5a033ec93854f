/*
 * Linux livepatch: as kGraft, and besides, a task that stands where no
 * function to be replaced is on its stack changes over without being asked.
 * Interrupts run what the task they interrupt does; the stubs stay.
 * After kernel/livepatch/transition.c, J. Poimboeuf.
 */
#include "tasks.h"

/* The patch that tasks are changing over to; 0: none is.  Stubs of others take their new function. */
u32 klp_patch;

__inline bool holds_old(u32 slot, u32 patch)
{
	u32 i;

	for (i = 0; i < kgr_nr_funcs; i++)
		if (task_holds(slot, kgr_funcs[i].start[patch], kgr_funcs[i].end[patch]))
			return 1;
	return 0;
}

/*
 * For schedule_hook: klp_try_switch_task() for the tasks of this CPU.  Linux
 * looks at them from the CPU of the patcher, with the run queue locked; here
 * whoever has the run queue is its CPU.  Interrupts are off, or it might still
 * be looking for what one patch replaces when tasks change over to the next.
 */
notrace void klp_check_tasks(void)
{
	u64 flags = irq_save();
	u32 patch = READ_ONCE(klp_patch), slot;

	for (slot = 0; patch && slot < TASK_SLOTS; slot++) {
		struct task *task = task_in(slot);

		if (task && READ_ONCE(task->kgr) & KGR_PENDING && !holds_old(slot, patch))
			xchg(&task->kgr, 0);
	}
	irq_restore(flags);
}

static notrace void klp_enable(u32 patch)
{
	kgr_mark();
	smp_store_release(&klp_patch, patch);
	kgr_poke(patch);
	kgr_start();
	kgr_wait();
	WRITE_ONCE(klp_patch, 0);
	sync_cores();			/* stubs and checks run with interrupts off: none is left that has seen it */
}

/* A patcher: every patch of the table, one after another. */
notrace void patcher_livepatch(void)
{
	u32 patch;

	forget_cpu();
	for (patch = 1; patch < kgr_nr_versions && kgr_begin(patch); patch++) {
		klp_enable(patch);
		kgr_end(patch);
	}
}
