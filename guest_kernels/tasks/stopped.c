/*
 * stop_machine() with a check of the stacks, as kpatch and Ksplice do: all
 * CPUs stand still at once, each says whether a function that is to be
 * replaced is on a stack of its tasks, and only if none is, the text changes.
 *
 * A CPU stops where it passes the scheduler, as the stopper threads of Linux
 * make it without kernel preemption; it looks at its own stacks.
 */
#include "tasks.h"

#define BUSY	0x100

/* 0, or the version the patcher wants to write. */
u32 kgr_stop;

/* How many CPUs stand still; times BUSY, how many of them object. */
u32 kgr_stopped;

/* Whether the stacks are looked at.  Written by the simulator. */
u32 kgr_check_stacks __ro_after_init = 1;

__inline bool objects(u32 version)
{
	u32 slot, i;

	if (!kgr_check_stacks)
		return 0;
	for (slot = 0; slot < TASK_SLOTS; slot++)
		for (i = 0; i < kgr_nr_funcs; i++)
			if (task_holds(slot, kgr_funcs[i].start[version], kgr_funcs[i].end[version]))
				return 1;
	return 0;
}

static noinline notrace void stand_still(u32 version)
{
	u64 flags = irq_save();

	fetch_add(&kgr_stopped, objects(version) ? BUSY + 1 : 1);
	while (READ_ONCE(kgr_stop))
		cpu_relax();
	sync_core();			/* the text may have changed */
	atomic_dec(&kgr_stopped);
	irq_restore(flags);
}

/* For schedule_hook. */
notrace void kgr_stop_poll(void)
{
	u32 version = READ_ONCE(kgr_stop);

	if (version)
		stand_still(version);
}

static notrace bool stop_and_write(u32 version)
{
	u32 others = nr_cpus - 1, objections;

	WRITE_ONCE(kgr_stop, version);
	while ((READ_ONCE(kgr_stopped) & (BUSY - 1)) != others)
		cpu_relax();
	objections = READ_ONCE(kgr_stopped) - others;
	if (objections)
		fetch_add(&kgr_stopped, -objections);
	else {
		kgr_write(version);
		kgr_end(version);	/* nobody looks at any data yet */
	}
	WRITE_ONCE(kgr_stop, 0);
	while (READ_ONCE(kgr_stopped))
		cpu_relax();
	return !objections;
}

/* A patcher: tries each version until nobody objects. */
notrace void patcher_stop_machine(void)
{
	u32 version;

	forget_cpu();
	for (version = 1; version < kgr_nr_versions && kgr_begin(version); version++)
		while (!stop_and_write(version))
			cpu_relax();
}
