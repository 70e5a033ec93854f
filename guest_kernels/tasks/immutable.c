/*
 * kGraft as it was: no task is marked before the stubs are there; instead, as
 * long as they are being installed, every stub takes the old function and
 * marks the task it finds.  The mark may come too late: a task whose stub has
 * read kgr_immutable is not seen by a patcher that clears it and looks for
 * marks.  In Linux two seconds lay between the two (KGR_TIMEOUT).
 */
#include "tasks.h"

u32 kgr_immutable;

notrace void patcher_kgraft_immutable(void)
{
	forget_cpu();
	xchg(&kgr_immutable, 1);
	kgr_poke(1);
	WRITE_ONCE(kgr_irq_patch, 1);
	sync_cores();
	kgr_mark();
	kgr_start();
	xchg(&kgr_immutable, 0);
	kgr_wait();
	kgr_poke(2);
}
