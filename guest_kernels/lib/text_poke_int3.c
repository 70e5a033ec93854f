/*
 * The #BP handler of text_poke.c: finds the instruction in the table and acts
 * as the new one.
 */
#include "text_poke.h"
#include "percpu.h"
#include "atomic.h"

/* Binary search: the table is sorted by address, or this misses. */
__inline const struct text_poke_loc *find(u64 address)
{
	u32 low = 0, high = text_poke_nr;

	while (low < high) {
		u32 middle = (low + high) / 2;
		u64 found = text_poke_address(&text_poke_array[middle]);

		if (found == address)
			return &text_poke_array[middle];
		if (found < address)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Acts as the new instruction.  An INT3 is what the new instruction may be: then it is not ours. */
__inline int emulate(struct pt_regs *regs, const struct text_poke_loc *loc)
{
	u64 next = regs->ip - INT3_SIZE + loc->len;

	switch (loc->opcode) {
	case RET_OPCODE:
		regs->ip = *(u64 *)regs->sp;
		regs->sp += 8;
		return 1;
	case CALL_OPCODE:
		regs->sp -= 8;
		*(u64 *)regs->sp = next;
		regs->ip = next + loc->disp;
		return 1;
	case JMP32_OPCODE:
	case JMP8_OPCODE:
		regs->ip = next + loc->disp;
		return 1;
	}
	return 0;
}

/*
 * The #BP handler.  smp_rmb() pairs with the smp_wmb() above.  The reference
 * keeps the patcher from reusing the table while this CPU reads it.
 */
notrace int int3_text_poke(struct pt_regs *regs)
{
	const struct text_poke_loc *loc;
	int claimed = 0;

	smp_rmb();
	if (!this_cpu_inc_not_zero(text_poke_refs))
		return 0;
	loc = find(regs->ip - INT3_SIZE);
	if (loc)
		claimed = emulate(regs, loc);
	this_cpu_dec_locked(text_poke_refs);
	return claimed;
}
