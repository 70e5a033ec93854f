/*
 * The interrupt descriptor table.
 */
#include "kgraft.h"

#define INTERRUPT_GATE	0x8e		/* present, DPL 0, clears IF on entry */

struct gate {
	u16 offset_low;
	u16 selector;
	u8 ist;				/* 0: stay on the current stack */
	u8 type;
	u16 offset_middle;
	u32 offset_high;
	u32 reserved;
};

/* Kernel addresses all have the same upper half; no relocation can write the lower two quarters. */
#define GATE { .selector = KERNEL_CS, .type = INTERRUPT_GATE, .offset_high = KERNEL_TEXT >> 32 }

static struct gate idt[256] __ro_after_init = {
	[VECTOR_DE] = GATE, [VECTOR_NMI] = GATE, [VECTOR_BP] = GATE, [VECTOR_UD] = GATE,
	[VECTOR_DF] = GATE, [VECTOR_GP] = GATE, [VECTOR_PF] = GATE,
	[VECTOR_TIMER] = GATE, [VECTOR_STOP] = GATE, [VECTOR_SYNC] = GATE,
};

/* On which IST stack NMI and #BP are taken.  Written by the simulator. */
u8 boot_ist_nmi __ro_after_init = 2;
u8 boot_ist_bp __ro_after_init = 0;

__inline void set_gate(u32 vector, void (*entry)(void))
{
	u64 address = (u64)entry;

	idt[vector].offset_low = address;
	idt[vector].offset_middle = address >> 16;
}

/* Completes the table; once, before any CPU loads it. */
notrace void traps_init(void)
{
	set_gate(VECTOR_DE, entry_de);
	set_gate(VECTOR_NMI, entry_nmi);
	set_gate(VECTOR_BP, entry_bp);
	set_gate(VECTOR_UD, entry_ud);
	set_gate(VECTOR_DF, entry_df);
	set_gate(VECTOR_GP, entry_gp);
	set_gate(VECTOR_PF, entry_pf);
	set_gate(VECTOR_TIMER, entry_timer);
	set_gate(VECTOR_STOP, entry_stop);
	set_gate(VECTOR_SYNC, entry_sync);

	idt[VECTOR_DF].ist = 1;
	idt[VECTOR_NMI].ist = boot_ist_nmi;
	idt[VECTOR_BP].ist = boot_ist_bp;
}

/* LIDT, on every CPU. */
notrace void traps_load(void)
{
	static const struct {
		u16 limit;
		u64 base;
	} __packed pointer = { sizeof(idt) - 1, (u64)idt };

	__asm__ volatile("lidt %0" :: "m"(pointer));
}
