/*
 * What to do at a breakpoint a patcher has put into text: the handlers that
 * history had.  The table is filled before boot; a patcher that uses it sets
 * poke_armed before its INT3 can be seen.  A handler returns whether the
 * breakpoint was its own.  It runs with interrupts off, on the stack that hit
 * the breakpoint, and has no patch site itself.
 */
#include "atomic.h"

struct poke_desc poke_desc[4] __ro_after_init;

/* 0: not armed; n: poke_desc[n - 1] is being patched. */
u32 poke_armed;

/* Handlers at work, for patchers that wait for them. */
u32 poke_refs;

int (*int3_handler)(struct pt_regs *regs) __ro_after_init = int3_emulate;

/* The descriptor in force, when the breakpoint was at its site. */
__inline const struct poke_desc *claim(const struct pt_regs *regs)
{
	u32 armed = READ_ONCE(poke_armed);
	const struct poke_desc *desc;

	if (!armed)
		return NULL;
	desc = &poke_desc[armed - 1];
	return regs->ip - INT3_SIZE == desc->site ? desc : NULL;
}

/*
 * CALL: pushes the return address on the interrupted stack.  The #BP stub has
 * moved the exception frame out of the way.
 */
__inline void emulate_call(struct pt_regs *regs, u64 return_address, u64 target)
{
	regs->sp -= 8;
	*(u64 *)regs->sp = return_address;
	regs->ip = target;
}

__inline int emulate(struct pt_regs *regs)
{
	const struct poke_desc *desc = claim(regs);

	if (!desc)
		return 0;
	switch (desc->kind) {
	case POKE_NOP:
		regs->ip = desc->site + SITE_SIZE;
		return 1;
	case POKE_JMP:
		regs->ip = desc->target;
		return 1;
	case POKE_CALL:
		emulate_call(regs, desc->site + SITE_SIZE, desc->target);
		return 1;
	}
	return 0;
}

/* Acts as the new instruction. */
notrace int int3_emulate(struct pt_regs *regs)
{
	return emulate(regs);
}

/* The same, counted: LOCK INC is its first act and LOCK DEC its last. */
notrace int int3_emulate_refs(struct pt_regs *regs)
{
	int claimed;

	atomic_inc(&poke_refs);
	claimed = emulate(regs);
	atomic_dec(&poke_refs);
	return claimed;
}

/*
 * Acts as a NOP, whatever the new instruction is: ftrace from 2012 on.  Good
 * enough for tracing, which may miss a call; a live patch may not.
 */
notrace int int3_skip_nop(struct pt_regs *regs)
{
	const struct poke_desc *desc = claim(regs);

	if (!desc)
		return 0;
	regs->ip = desc->site + SITE_SIZE;
	return 1;
}

/* Acts as a CALL, whatever the new instruction is: ftrace from 2019 on. */
notrace int int3_emulate_call(struct pt_regs *regs)
{
	const struct poke_desc *desc = claim(regs);

	if (!desc)
		return 0;
	emulate_call(regs, desc->site + SITE_SIZE, desc->target);
	return 1;
}
