/*
 * The fix: index NSLOTS is out of bounds too.
 */
#include "../syscalls.h"

__patchable long sys_read_slot_fixed(u64 index)
{
	if (index >= NSLOTS)
		return -EINVAL;
	return handle_read(slot_handle(index));
}

KGR_PATCH(sys_read_slot, sys_read_slot_fixed);
