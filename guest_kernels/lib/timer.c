/*
 * The local timer: one interrupt for every apic_timer_arm().
 */
#include "percpu.h"

DEFINE_PER_CPU(u32, timer_ticks);

void (*timer_handler)(void) __ro_after_init = timer_count;

/* INC without LOCK: only this CPU touches it, and interrupts are off. */
notrace void timer_count(void)
{
	this_cpu_inc(timer_ticks);
}
