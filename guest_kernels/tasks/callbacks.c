/*
 * What a patch wants done before and after its transition, by whoever patches:
 * the moments of Linux livepatch's callbacks (kernel/livepatch/core.h).
 */
#include "tasks.h"

/* By the number of the transition, from 1.  Written by the simulator from what the patch says. */
struct kgr_hooks kgr_hooks[KGR_PATCHES + 1] __ro_after_init;

/* Whether a patch was refused. */
u32 kgr_refused;

/* A patch that its own callback refuses is over before anything has changed. */
static __noipa notrace bool refuse(void)
{
	WRITE_ONCE(kgr_refused, 1);
	return 0;
}

/* Before anything is changed; says whether the patch may go on. */
notrace bool kgr_begin(u32 patch)
{
	const struct kgr_hooks *hooks = &kgr_hooks[patch];

	if (hooks->check && hooks->check())
		return refuse();
	if (hooks->before)
		hooks->before();
	return 1;
}

/* When every task has changed over. */
notrace void kgr_end(u32 patch)
{
	if (kgr_hooks[patch].after)
		kgr_hooks[patch].after();
}

/* When every task is back where it was. */
notrace void kgr_undone(u32 patch)
{
	if (kgr_hooks[patch].undone)
		kgr_hooks[patch].undone();
}
