/*
 * The change of bytes.c, with a shadow variable for every object that has its
 * length in bytes.  The tag is there before the length, and is looked for
 * after it: x86 keeps stores in order, and loads.
 *
 * Nothing is left of it when it is taken back: what has a tag is in pages
 * again, and a patch that comes later finds no tag of this one.
 */
#include "../kernel.h"
#include "../shadow.h"

#define IN_BYTES	1

__patchable void buffer_fill_tagged(struct buffer *buffer, u32 pages)
{
	guest_assert(shadow_get_or_alloc(buffer, IN_BYTES, NULL, 0));
	smp_store_release(&buffer->length, pages * PAGE_SIZE);
}

__patchable long buffer_size_tagged(const struct buffer *buffer)
{
	long length = READ_ONCE(buffer->length);

	return shadow_get(buffer, IN_BYTES) ? length : length * PAGE_SIZE;
}

static notrace void to_pages(const void *object, u64 *data)
{
	struct buffer *buffer = (struct buffer *)object;

	(void)data;
	WRITE_ONCE(buffer->length, buffer->length / PAGE_SIZE);
}

static notrace void untag(void)
{
	shadow_free_all(IN_BYTES, to_pages);
}

KGR_PATCH(buffer_fill, buffer_fill_tagged);
KGR_PATCH(buffer_size, buffer_size_tagged);
KGR_CALLBACKS(buffer_fill_tagged, .post_unpatch = untag);
