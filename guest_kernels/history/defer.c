/*
 * IPIs that a CPU in user mode is spared, and makes up for when it enters the
 * kernel.  After the proposals of 2025 and 2026 for CPUs that are
 * not to be disturbed.
 */
#include "history.h"

#define CT_KERNEL	1
#define CT_WORK		2		/* to be done at the next entry */

/* 0: IPIs for a site that is executed before that are deferred as well. */
u32 entry_text_is_known __ro_after_init = 1;

static u32 ct_state = CT_KERNEL;

/* True when the CPU is in user mode and will find the note. */
static noinline notrace bool ct_set_cpu_work(void)
{
	return cmpxchg(&ct_state, 0, CT_WORK) || READ_ONCE(ct_state) == CT_WORK;
}

static noinline notrace void sync_or_defer(void)
{
	if (!entry_text_is_known && ct_set_cpu_work())
		sync_core();
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

/* In and out of the kernel.  The first thing on the way in is a function that can be patched. */
notrace void workload_enters_kernel(void)
{
	forget_cpu();
	for (;;) {
		xchg(&ct_state, 0);
		guest_assert(answer() >= 1);
		if (xchg(&ct_state, CT_KERNEL) & CT_WORK)
			sync_core();
	}
}
