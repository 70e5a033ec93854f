/*
 * The core of kGraft: nobody is stopped; each task sees the new functions from
 * its next entry into the kernel on, or exit from it.
 *
 * Every site first leads to a slow stub, which looks at the flag of the task,
 * or, in an interrupt, at what the handler began with.  When no task has the
 * flag any more, every site is made to lead to the new function directly.
 * After kernel/kgraft.c of SUSE Linux Enterprise 12, J. Slaby and J. Kosina.
 */
#include "tasks.h"

/* What the operator may do about tasks that do not change over. */
u32 kgr_signals __ro_after_init;
u32 kgr_forces __ro_after_init;

/* 0 brings a bug back. */
u32 kgr_marks_first __ro_after_init = 1;
u32 kgr_syncs_interrupts __ro_after_init = 1;
u32 kgr_waits __ro_after_init = 1;
u32 kgr_quiesces __ro_after_init = 1;

/* Stubs everywhere, and everybody still takes the old functions. */
static notrace void kgr_prepare(u32 patch)
{
	if (kgr_marks_first)
		kgr_mark();		/* or some would be new before the last stub is there */
	kgr_poke(2 * patch - 1);
	if (!kgr_marks_first)
		kgr_mark();
	kgr_start();
}

/* Interrupts that begin from now on are new; those that began before have ended on return. */
static notrace void kgr_switch_interrupts(u32 patch)
{
	WRITE_ONCE(kgr_irq_patch, patch);
	if (kgr_syncs_interrupts)
		sync_cores();
}

static notrace void kgr_patch(u32 patch)
{
	kgr_prepare(patch);
	kgr_switch_interrupts(patch);
	if (kgr_signals)
		kgr_signal();
	if (kgr_forces)
		kgr_force();
	if (kgr_waits)
		kgr_wait();
	kgr_poke(2 * patch);
}

/* A patcher: every patch of the table, one after another. */
notrace void patcher_kgraft(void)
{
	u32 patch;

	forget_cpu();
	for (patch = 1; 2 * patch < kgr_nr_versions && kgr_begin(patch); patch++) {
		if (patch > 1 && kgr_quiesces)
			kgr_quiesce();	/* nobody is left in a stub of the last patch, about to look at a flag */
		kgr_patch(patch);
		kgr_end(patch);
	}
}

/* A patcher that thinks better of it half-way: nothing has happened in the end. */
notrace void patcher_kgraft_reverse(void)
{
	forget_cpu();
	if (!kgr_begin(1))
		return;
	kgr_prepare(1);
	kgr_switch_interrupts(1);
	kgr_turn_back();
	kgr_switch_interrupts(0);
	kgr_poke(2);			/* the flags stay: somebody may still be in a stub */
	kgr_undone(1);
}
