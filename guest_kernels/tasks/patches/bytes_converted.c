/*
 * The change of bytes.c, with callbacks that convert every object there is.
 */
#include "../kernel.h"

__patchable void buffer_fill_converted(struct buffer *buffer, u32 pages)
{
	WRITE_ONCE(buffer->length, pages * PAGE_SIZE);
}

__patchable long buffer_size_converted(const struct buffer *buffer)
{
	return READ_ONCE(buffer->length);
}

static notrace void to_bytes(void)
{
	u32 i;

	for (i = 0; i < NR_BUFFERS; i++)
		WRITE_ONCE(buffers[i].length, buffers[i].length * PAGE_SIZE);
}

static notrace void to_pages(void)
{
	u32 i;

	for (i = 0; i < NR_BUFFERS; i++)
		WRITE_ONCE(buffers[i].length, buffers[i].length / PAGE_SIZE);
}

KGR_PATCH(buffer_fill, buffer_fill_converted);
KGR_PATCH(buffer_size, buffer_size_converted);
KGR_CALLBACKS(buffer_fill_converted, .post_patch = to_bytes, .post_unpatch = to_pages);
