/*
 * What the kernel and its patches agree on.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include "tasks.h"

enum { SYS_NOTHING, SYS_RESERVE, SYS_TICKET, SYS_WAIT, SYS_PAUSE, SYS_WAKE, SYS_FORK, SYS_MOVE, SYS_SUM, SYS_ARM,
       SYS_FILL, SYS_SIZE, NR_SYSCALLS };

#define PAGE_SIZE	4096
#define EINTR		4
#define EBUSY		16

extern u32	from_mutex, to_mutex;

/* kernel.c */
long		sys_nothing(u64 unused);
long		sys_reserve(u64 pages);
long		reserve(u64 amount);
long		sys_ticket(u64 number);
u64		ticket_make(u64 number);
long		ticket_take(u64 ticket);
long		sys_wait(u64 number);
long		sys_pause(u64 unused);
long		sys_wake(u64 unused);
long		sys_fork(u64 unused);
long		sys_move(u64 unused);
long		sys_sum(u64 number);
long		sum_args(void);
long		sys_arm(u64 unused);

/* buffer.c */
#define NR_BUFFERS	2

struct buffer {
	u32 length;			/* in pages */
};

extern struct buffer	buffers[NR_BUFFERS];
void		buffer_fill(struct buffer *buffer, u32 pages);
long		buffer_size(const struct buffer *buffer);
long		sys_fill(u64 number);
long		sys_size(u64 number);

/* Pushes two numbers, calls sum_args(), tidies up as told, and looks whether RSP is back where it was. */
#define call_sum_args(a, b, tidy) ({					\
	long sum_;							\
	bool intact_;							\
	__asm__ volatile("movq %%rsp, %%rbx\n\tpushq %3\n\tpushq %2\n\t"	\
			 "call sum_args\n\t" tidy "\n\t"			\
			 "cmpq %%rsp, %%rbx\n\tmovq %%rbx, %%rsp"		\
			 : "=&a"(sum_), "=@ccz"(intact_) : "D"((u64)(a)), "S"((u64)(b))	\
			 : "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "memory");	\
	guest_assert(intact_);						\
	sum_;								\
})

#endif
