/*
 * What is patched.  A system call is short: each look at shared memory is a
 * place where all other CPUs may come in between.
 */
#include "kernel.h"
#include "../lib/apic.h"

notrace long sys_nothing(u64 unused)
{
	(void)unused;
	return 0;
}

/* Counts in pages. */
__patchable long reserve(u64 pages)
{
	return pages * PAGE_SIZE;
}

/* The caller, which has to count alike. */
__patchable long sys_reserve(u64 pages)
{
	return reserve(pages);
}

/* A pair that agrees on what a ticket looks like. */
__patchable u64 ticket_make(u64 number)
{
	return number;
}

__patchable long ticket_take(u64 ticket)
{
	return ticket;
}

/* Their caller, who does not care, and is not patched with them. */
notrace long sys_ticket(u64 number)
{
	return ticket_take(ticket_make(number));
}

/* Sleeps with a ticket in its hand. */
__patchable long sys_wait(u64 number)
{
	u64 ticket = ticket_make(number);

	if (wait_event())
		return -EINTR;
	return ticket_take(ticket);
}

/* Sleeps, with nothing on its stack that is ever patched. */
notrace long sys_pause(u64 unused)
{
	(void)unused;
	return wait_event();
}

/* Wakes the first task of the first CPU. */
notrace long sys_wake(u64 unused)
{
	(void)unused;
	wake_up(&tasks[0][0]);
	return 0;
}

notrace long sys_fork(u64 unused)
{
	(void)unused;
	return task_fork();
}

u32 from_mutex, to_mutex;

/* Takes two locks in this order, and lets others run in between. */
__patchable long sys_move(u64 unused)
{
	(void)unused;
	mutex_lock(&from_mutex);
	yield();
	mutex_lock(&to_mutex);
	mutex_unlock(&to_mutex);
	mutex_unlock(&from_mutex);
	return 0;
}

/* Finds its two arguments on the stack, and takes them off it: RET 16. */
__attribute__((naked)) __patchable long sum_args(void)
{
	__asm__("movq 8(%rsp), %rax\n\taddq 16(%rsp), %rax\n\tret $16");
}

__patchable long sys_sum(u64 number)
{
	return call_sum_args(number, number, "");
}

/* Asks for a timer interrupt. */
notrace long sys_arm(u64 unused)
{
	(void)unused;
	apic_timer_arm(1);
	return 0;
}
