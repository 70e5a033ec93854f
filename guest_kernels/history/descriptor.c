/*
 * A descriptor with a reference count, on the stack of the patcher, and a #BP
 * handler that takes a reference.  After try_get_desc() before efd608fa7403.
 * The stacks of this simulator are private, so the patcher's frame is a static
 * here, and what is called next writes over it.
 */
#include "history.h"

/* 0: the descriptor lives on the stack. */
u32 desc_static __ro_after_init = 1;

struct bp_desc {
	const struct poke_desc *vec;
	u32 refs;
};

static struct bp_desc frame;		/* a piece of the stack */
static struct bp_desc static_desc;
static struct bp_desc *bp_desc;

__inline bool inc_not_zero(u32 *v)
{
	u32 old;

	do {
		old = READ_ONCE(*v);
		if (!old)
			return 0;
	} while (!cmpxchg(v, old, old + 1));
	return 1;
}

__inline struct bp_desc *try_get_desc(void)
{
	struct bp_desc *desc = desc_static ? &static_desc : READ_ONCE(bp_desc);

	return desc && inc_not_zero(&desc->refs) ? desc : NULL;
}

notrace int int3_descriptor(struct pt_regs *regs)
{
	struct bp_desc *desc = try_get_desc();
	bool ours;

	if (!desc)
		return int3_probe(regs);
	ours = regs->ip - INT3_SIZE == READ_ONCE(desc->vec)->site;
	if (ours)
		regs->ip = desc->vec->target;
	atomic_dec(&desc->refs);
	return ours || int3_probe(regs);
}

static noinline notrace void patch_with(struct bp_desc *desc)
{
	WRITE_ONCE(desc->vec, &poke_batch[0]);
	smp_store_release(&desc->refs, 1);
	smp_store_release(&bp_desc, desc);
	poke_jump(&poke_batch[0]);
	WRITE_ONCE(bp_desc, NULL);
	if (!atomic_dec_and_test(&desc->refs))
		while (READ_ONCE(desc->refs))
			cpu_relax();
}

/* The same piece of the stack, used by the next function. */
static noinline notrace void next_call(void)
{
	WRITE_ONCE(frame.vec, NULL);
	WRITE_ONCE(frame.refs, 7);
}

notrace void patcher_descriptor(void)
{
	forget_cpu();
	patch_with(desc_static ? &static_desc : &frame);
	next_call();
}
