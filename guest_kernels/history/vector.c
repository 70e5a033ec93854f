/*
 * The table of a patcher behind a pointer and a count, and a #BP handler that
 * reads both.  After poke_int3_handler() before 285a54efe386.
 */
#include "history.h"

/* 0: the pointer is cleared before the count, and nobody waits in between. */
u32 vec_counts_first __ro_after_init = 1;

static struct {
	const struct poke_desc *vec;
	u32 nr;
} bp_patching;

notrace int int3_vector(struct pt_regs *regs)
{
	const struct poke_desc *vec;

	if (!READ_ONCE(bp_patching.nr))
		return int3_probe(regs);
	smp_rmb();
	vec = READ_ONCE(bp_patching.vec);
	if (regs->ip - INT3_SIZE != READ_ONCE(vec->site))
		return int3_probe(regs);
	regs->ip = vec->target;
	return 1;
}

notrace void patcher_vector(void)
{
	forget_cpu();
	WRITE_ONCE(bp_patching.vec, &poke_batch[0]);
	smp_store_release(&bp_patching.nr, 1);
	poke_jump(&poke_batch[0]);
	if (vec_counts_first) {
		WRITE_ONCE(bp_patching.nr, 0);
		sync_cores();		/* handlers that have seen the count are gone */
		WRITE_ONCE(bp_patching.vec, NULL);
	} else {
		WRITE_ONCE(bp_patching.vec, NULL);
		WRITE_ONCE(bp_patching.nr, 0);
	}
}
