/*
 * The change of bytes_tagged.c, in two steps: the new functions understand both
 * kinds of objects, and make the new kind only when every task understands it.
 */
#include "../kernel.h"
#include "../shadow.h"

#define IN_BYTES	1

/* Set when no task runs old functions any more. */
static u32 all_understand;

__patchable void buffer_fill_stepwise(struct buffer *buffer, u32 pages)
{
	if (READ_ONCE(all_understand)) {
		guest_assert(shadow_get_or_alloc(buffer, IN_BYTES, NULL, 0));
		pages *= PAGE_SIZE;
	}
	smp_store_release(&buffer->length, pages);
}

__patchable long buffer_size_stepwise(const struct buffer *buffer)
{
	long length = READ_ONCE(buffer->length);

	return shadow_get(buffer, IN_BYTES) ? length : length * PAGE_SIZE;
}

static notrace void make_new_kind(void)
{
	WRITE_ONCE(all_understand, 1);
}

KGR_PATCH(buffer_fill, buffer_fill_stepwise);
KGR_PATCH(buffer_size, buffer_size_stepwise);
KGR_CALLBACKS(buffer_fill_stepwise, .post_patch = make_new_kind);
