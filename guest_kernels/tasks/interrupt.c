/*
 * What interrupts do here, and which functions they run: those in force when
 * the handler began, whatever task it interrupts.
 */
#include "tasks.h"

/* What an interrupt does.  Written by the simulator. */
void (*tick_function)(void) __ro_after_init = workload_idle;

/* Handlers this CPU is in. */
DEFINE_PER_CPU(u32, in_interrupt);

/* The last patch whose new functions interrupts use: for those that begin now, and for the one of this CPU. */
u32 kgr_irq_patch;
DEFINE_PER_CPU(u32, irq_patch);

/* For timer_handler, and for nmi_handler. */
notrace void tick(void)
{
	u32 interrupted = this_cpu_read(irq_patch);

	this_cpu_inc(in_interrupt);
	this_cpu_write(irq_patch, READ_ONCE(kgr_irq_patch));
	tick_function();
	this_cpu_write(irq_patch, interrupted);
	this_cpu_dec(in_interrupt);
}
