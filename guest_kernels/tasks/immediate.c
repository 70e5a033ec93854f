/*
 * No consistency model: every site leads to the new function at once.
 */
#include "tasks.h"

notrace void patcher_immediate(void)
{
	u32 version;

	forget_cpu();
	for (version = 1; version < kgr_nr_versions && kgr_begin(version); version++) {
		kgr_poke(version);
		kgr_end(version);
	}
}
