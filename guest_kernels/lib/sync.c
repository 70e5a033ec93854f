/*
 * Making every CPU forget what it has fetched.
 */
#include "apic.h"
#include "atomic.h"

/* CPUs that have answered; counted by entry_sync, and by NMI handlers. */
u32 sync_acks;

/*
 * Returns after every CPU, this one included, has serialized since the call.
 * The IPI is maskable: a CPU that is in a handler with interrupts off answers
 * after it has left it.  So the return also proves that no #BP handler runs
 * any more that was running before.
 * MFENCE: stores before are visible before the IPI can arrive.
 */
notrace void sync_cores(void)
{
	WRITE_ONCE(sync_acks, 0);
	smp_mb();
	apic_send_all_but_self(VECTOR_SYNC);
	while (READ_ONCE(sync_acks) != nr_cpus - 1)
		cpu_relax();
	sync_core();
}
