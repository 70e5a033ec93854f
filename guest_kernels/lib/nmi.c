/*
 * What an NMI does.  CLI does not keep it out, so it may run between any two
 * instructions of a patcher and of a #BP handler.
 */
#include "atomic.h"

void (*nmi_handler)(void) __ro_after_init = nmi_ack;

/* The function nmi_run_site() calls. */
void (*nmi_target)(void) __ro_after_init = workload_idle;

/* Answers a patcher that syncs by NMI.  The IRETQ of the stub serializes, after the count. */
notrace void nmi_ack(void)
{
	atomic_inc(&sync_acks);
}

/* Runs a function that may be under the patcher's hands. */
notrace void nmi_run_site(void)
{
	nmi_target();
}

notrace void nmi_ack_and_run(void)
{
	atomic_inc(&sync_acks);
	nmi_target();
}
