/*
 * Single NOPs become one long NOP, in place, on the only CPU there is.  After
 * optimize_nops() before 2dc419613805; apply_alternatives() runs with
 * interrupts on.
 */
#include "history.h"
#include "../lib/apic.h"

/* 0: an interrupt may come in the middle. */
u32 nops_irqs_off __ro_after_init = 1;

static noinline notrace void optimize_nops(u64 site)
{
	static const u8 nop5[SITE_SIZE] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	volatile u8 *text = (volatile u8 *)text_alias(site);
	u32 i;

	for (i = 0; i < SITE_SIZE; i++)
		text[i] = nop5[i];
}

notrace void patcher_nops(void)
{
	u64 flags = FLAGS_IF;

	forget_cpu();
	apic_timer_arm(1);
	if (nops_irqs_off)
		flags = irq_save();
	optimize_nops(poke_batch[0].site);
	if (nops_irqs_off)
		sync_core();
	irq_restore(flags);
}
