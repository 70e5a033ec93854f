/*
 * The two locks the other way round.  Each task on its own does it right.
 */
#include "../kernel.h"

__patchable long sys_move_backwards(u64 unused)
{
	(void)unused;
	mutex_lock(&to_mutex);
	yield();
	mutex_lock(&from_mutex);
	mutex_unlock(&from_mutex);
	mutex_unlock(&to_mutex);
	return 0;
}

KGR_PATCH(sys_move, sys_move_backwards);
