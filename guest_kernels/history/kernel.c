/*
 * What is patched, and what the patchers of this kernel have in common.  Each
 * other file has the structure of code that was in Linux once, before and after
 * a fix; a word that is written before boot says which.
 */
#include "history.h"

__patchable int answer(void)
{
	return opaque(1);
}

/* Somebody else's breakpoint: a kprobe that stays.  INT3, MOV, RET. */
__attribute__((naked)) __patchable notrace int probe(void)
{
	__asm__("int3\n\tmovl $1, %eax\n\tret");
}

/* Claims it; the instruction it stands for is a NOP. */
notrace int int3_probe(struct pt_regs *regs)
{
	return regs->ip - INT3_SIZE == (u64)probe;
}

#define is_version(result) ({ int result_ = (result); 1 <= result_ && result_ <= 3; })

notrace void workload_answer(void)
{
	forget_cpu();
	for (;;)
		guest_assert(is_version(answer()));
}

notrace void workload_answer_once(void)
{
	forget_cpu();
	guest_assert(is_version(answer()));
}

/* Two calls; the second may not run an older function than the first. */
notrace void workload_answer_twice(void)
{
	int first, second;

	forget_cpu();
	first = answer();
	second = answer();
	guest_assert(is_version(first) && is_version(second) && first <= second);
}

/* A breakpoint of the patcher, perhaps, and one that is none of its business. */
notrace void workload_probe_once(void)
{
	forget_cpu();
	guest_assert(is_version(answer()));
	guest_assert(probe() == 1);
}

/* For timer_handler, and for whoever calls it. */
notrace void run_answer(void)
{
	guest_assert(is_version(answer()));
}

/* Replaces one instruction with text_poke(). */
notrace void poke(const struct poke_desc *desc)
{
	s32 disp = desc->target - (desc->site + SITE_SIZE);
	u8 code[SITE_SIZE] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };

	if (desc->kind != POKE_NOP) {
		code[0] = desc->kind == POKE_CALL ? CALL_OPCODE : JMP32_OPCODE;
		__builtin_memcpy(code + 1, &disp, sizeof(disp));
	}
	text_poke_now(desc->site, code, SITE_SIZE);
}

/* The three rounds alone, for patchers with a table of their own. */
notrace void poke_jump(const struct poke_desc *desc)
{
	volatile u8 *text = (volatile u8 *)text_alias(desc->site);

	*text = INT3_OPCODE;
	sync_cores();
	*(volatile s32 *)(text + 1) = desc->target - (desc->site + SITE_SIZE);
	sync_cores();
	*text = JMP32_OPCODE;
	sync_cores();
}

/* A #BP handler for them: acts as the new JMP, before, during and after. */
notrace int int3_batch(struct pt_regs *regs)
{
	u32 i;

	for (i = 0; i < poke_batch_len; i++)
		if (regs->ip - INT3_SIZE == poke_batch[i].site) {
			regs->ip = poke_batch[i].target;
			return 1;
		}
	return 0;
}
