/*
 * Standing still while another CPU patches.  The patcher sets stop_request,
 * waits for stop_acks, writes, and sets stop_release.
 */
#include "atomic.h"
#include "cpu.h"

u32 stop_request;
u32 stop_acks;
u32 stop_release;

/* Whether to serialize before going on.  Without it the old bytes may still be at hand. */
u32 stop_serialize __ro_after_init = 1;

/* Interrupts are off.  PAUSE does not serialize, nor does the load that ends the loop. */
__inline void stand_still(void)
{
	atomic_inc(&stop_acks);
	while (!READ_ONCE(stop_release))
		cpu_relax();
	if (stop_serialize)
		sync_core();
}

/* Stops here if asked to.  Called by workloads where they can afford it. */
notrace void stop_poll(void)
{
	if (!READ_ONCE(stop_request))
		return;
	cli();
	stand_still();
	sti();
}

/* Stops wherever VECTOR_STOP hits.  The IRETQ that ends it serializes in any case. */
notrace void stop_interrupt(void)
{
	stand_still();
}
