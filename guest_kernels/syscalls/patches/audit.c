/*
 * Two functions that change together: handles get a tag, and only a handle
 * with the tag is good.  A call that makes its handle in one universe and
 * reads it in the other fails with -EBADF, which workload_user never expects:
 * replacing the text correctly is not enough for this patch.
 */
#include "../syscalls.h"

#define AUDIT_TAG	0xa

/* Static in the kernel; the loader finds it there. */
extern const struct vault vault;

__patchable u64 slot_handle_audited(u64 index)
{
	return AUDIT_TAG << 8 | index * sizeof(long);
}

__patchable long handle_read_audited(u64 handle)
{
	if (HANDLE_TAG(handle) != AUDIT_TAG)
		return -EBADF;
	return *(const volatile long *)((const char *)&vault + HANDLE_OFFSET(handle));
}

KGR_PATCH(slot_handle, slot_handle_audited);
KGR_PATCH(handle_read, handle_read_audited);
