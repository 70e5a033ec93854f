/*
 * IPIs that a CPU in user mode is spared, and makes up for when it enters the
 * kernel.  After proposals of 2025 and 2026 for CPUs that are not to be
 * disturbed.
 */
#include "history.h"

#define CT_KERNEL	1
#define CT_WORK		2		/* to be done at the next entry */

/* 1: a function that can be patched is called before that. */
u32 entry_calls_patchable __ro_after_init;

static u32 ct_state = CT_KERNEL;

/* True when the CPU is in user mode and will find the note. */
static noinline notrace bool ct_set_cpu_work(void)
{
	return cmpxchg(&ct_state, 0, CT_WORK) || READ_ONCE(ct_state) == CT_WORK;
}

static noinline notrace void sync_or_defer(void)
{
	if (ct_set_cpu_work())
		sync_core();		/* this one */
	else
		sync_cores();
}

notrace void patcher_defer(void)
{
	const struct poke_desc *desc = &poke_batch[0];
	volatile u8 *text = (volatile u8 *)text_alias(desc->site);

	forget_cpu();
	*text = INT3_OPCODE;
	sync_or_defer();
	*(volatile s32 *)(text + 1) = desc->target - (desc->site + SITE_SIZE);
	sync_or_defer();
	*text = JMP32_OPCODE;
	sync_or_defer();
}

/* In and out of the kernel.  The note is read on the way in. */
notrace void workload_enters_kernel(void)
{
	forget_cpu();
	for (;;) {
		xchg(&ct_state, 0);
		if (entry_calls_patchable)
			run_answer();
		if (xchg(&ct_state, CT_KERNEL) & CT_WORK)
			sync_core();
		run_answer();
	}
}
