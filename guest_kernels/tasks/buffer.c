/*
 * An object whose meaning a patch changes: a buffer, and its length in pages.
 */
#include "kernel.h"

struct buffer buffers[NR_BUFFERS];

__patchable void buffer_fill(struct buffer *buffer, u32 pages)
{
	WRITE_ONCE(buffer->length, pages);
}

/* In bytes, whatever the object has; 0 as long as it is empty. */
__patchable long buffer_size(const struct buffer *buffer)
{
	return (long)READ_ONCE(buffer->length) * PAGE_SIZE;
}

notrace long sys_fill(u64 number)
{
	buffer_fill(&buffers[number], 2);
	return 0;
}

notrace long sys_size(u64 number)
{
	return buffer_size(&buffers[number]);
}

/*
 * The first call gives a patcher that waits for a moment when the task is
 * outside the kernel its chance before the buffer is filled.
 */
__inline void fill_and_look(u64 number)
{
	entry_syscall(SYS_NOTHING, 0);
	entry_syscall(SYS_FILL, number);
	for (;;)
		guest_assert(entry_syscall(SYS_SIZE, number) == 2 * PAGE_SIZE);
}

notrace void user_buffer(void)
{
	fill_and_look(0);
}

notrace void user_second_buffer(void)
{
	fill_and_look(1);
}

/* Looks at a buffer that another task fills. */
notrace void user_buffer_reader(void)
{
	for (;;) {
		long size = entry_syscall(SYS_SIZE, 0);

		guest_assert(size == 2 * PAGE_SIZE || size == 0);
	}
}

/* Keeps a buffer in use, and sees nothing of a patch that has been refused. */
notrace void user_buffer_in_use(void)
{
	entry_syscall(SYS_FILL, 0);
	for (;;) {
		bool refused = READ_ONCE(kgr_refused);
		long result = entry_syscall(SYS_RESERVE, 2);

		guest_assert(result == 2 * PAGE_SIZE || (result == -EBUSY && !refused));
	}
}
