/*
 * A patch that does not want to be applied while a buffer is in use.
 */
#include "../kernel.h"

__patchable long sys_reserve_busy(u64 pages)
{
	(void)pages;
	return -EBUSY;
}

static notrace long refuse_while_in_use(void)
{
	return READ_ONCE(buffers[0].length) ? -EBUSY : 0;
}

KGR_PATCH(sys_reserve, sys_reserve_busy);
KGR_CALLBACKS(sys_reserve_busy, .pre_patch = refuse_while_in_use);
