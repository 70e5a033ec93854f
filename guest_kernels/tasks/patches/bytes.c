/*
 * The length of a buffer is in bytes from now on.  The struct is as it was;
 * what is in it is not, and objects filled before are still there.
 */
#include "../kernel.h"

__patchable void buffer_fill_bytes(struct buffer *buffer, u32 pages)
{
	WRITE_ONCE(buffer->length, pages * PAGE_SIZE);
}

__patchable long buffer_size_bytes(const struct buffer *buffer)
{
	return READ_ONCE(buffer->length);
}

KGR_PATCH(buffer_fill, buffer_fill_bytes);
KGR_PATCH(buffer_size, buffer_size_bytes);
