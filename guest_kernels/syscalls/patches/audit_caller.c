/*
 * The change of audit.c for a model that looks at stacks: a CPU between the
 * two functions is in neither, only in their caller.  So the caller is part of
 * the patch, though nothing in it changes.
 */
#include "../syscalls.h"

#define AUDIT_TAG	0xa

extern const struct vault vault;

__patchable u64 slot_handle_tagged(u64 index)
{
	return AUDIT_TAG << 8 | index * sizeof(long);
}

__patchable long handle_read_tagged(u64 handle)
{
	if (HANDLE_TAG(handle) != AUDIT_TAG)
		return -EBADF;
	return *(const volatile long *)((const char *)&vault + HANDLE_OFFSET(handle));
}

__patchable long sys_read_slot_again(u64 index)
{
	if (index > NSLOTS)
		return -EINVAL;
	return handle_read(slot_handle(index));
}

KGR_PATCH(slot_handle, slot_handle_tagged);
KGR_PATCH(handle_read, handle_read_tagged);
KGR_PATCH(sys_read_slot, sys_read_slot_again);
