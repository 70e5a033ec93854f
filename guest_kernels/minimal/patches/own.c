/*
 * A CPU that replaces a function and then calls it: the writer and the reader
 * of the text are one.
 */
#include "../../lib/kgraft.h"
#include "../../lib/cpu.h"
#include "../../lib/text_poke.h"

int answer(void);

__patchable int answer_own(void)
{
	return opaque(2);
}

KGR_PATCH(answer, answer_own);

/* Through the writable mapping: the offset first, then the opcode. */
static notrace void write_jump(const struct poke_desc *desc)
{
	volatile u8 *text = (volatile u8 *)text_alias(desc->site);

	*(volatile s32 *)(text + 1) = desc->target - (desc->site + SITE_SIZE);
	*text = JMP32_OPCODE;
}

/* The processor has to see by itself that it fetches what it has written. */
notrace void patcher_own(void)
{
	forget_cpu();
	write_jump(&poke_batch[0]);
	guest_assert(answer() == 2);
}

/* As both manuals ask when the text is written through another mapping. */
notrace void patcher_own_cpuid(void)
{
	u32 eax = 0, ebx, ecx, edx;

	forget_cpu();
	write_jump(&poke_batch[0]);
	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx) :: "memory");
	guest_assert(answer() == 2);
}
