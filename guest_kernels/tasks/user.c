/*
 * User programs, and kthreads, which are programs that never leave the kernel.
 */
#include "kernel.h"
#include "../lib/apic.h"

__inline void use_reserve(void)
{
	guest_assert(entry_syscall(SYS_RESERVE, 2) == 2 * PAGE_SIZE);
}

notrace void user_reserve(void)
{
	for (;;)
		use_reserve();
}

notrace void user_reserve_once(void)
{
	use_reserve();
}

__inline void use_ticket(void)
{
	guest_assert(entry_syscall(SYS_TICKET, 5) == 5);
}

notrace void user_ticket(void)
{
	for (;;)
		use_ticket();
}

notrace void user_ticket_once(void)
{
	use_ticket();
}

notrace void user_reserve_and_ticket(void)
{
	for (;;) {
		use_reserve();
		use_ticket();
	}
}

/* Enters the kernel and leaves it. */
notrace void user_nothing(void)
{
	for (;;)
		entry_syscall(SYS_NOTHING, 0);
}

notrace void user_wait(void)
{
	for (;;) {
		long result = entry_syscall(SYS_WAIT, 5);

		guest_assert(result == 5 || result == -EINTR);
	}
}

notrace void user_wait_once(void)
{
	long result = entry_syscall(SYS_WAIT, 5);

	guest_assert(result == 5 || result == -EINTR);
}

notrace void user_pause(void)
{
	for (;;)
		entry_syscall(SYS_PAUSE, 0);
}

notrace void user_wake(void)
{
	for (;;)
		entry_syscall(SYS_WAKE, 0);
}

/* The same, and lets the task fall asleep again before it is woken. */
notrace void user_wake_now_and_then(void)
{
	for (;;) {
		entry_syscall(SYS_NOTHING, 0);
		entry_syscall(SYS_WAKE, 0);
	}
}

notrace void user_fork_once(void)
{
	entry_syscall(SYS_FORK, 0);
}

/* The call before gives a patcher that waits for a moment without one its chance. */
notrace void user_move_once(void)
{
	use_ticket();
	entry_syscall(SYS_MOVE, 0);
}

notrace void user_sum(void)
{
	for (;;)
		guest_assert(entry_syscall(SYS_SUM, 4) == 8);
}

/* Nobody's task: a CPU that waits for interrupts. */
static notrace __noreturn void idle(void)
{
	task_die();
	for (;;)
		hlt();
}

/* One timer interrupt, from the middle of a system call on. */
notrace void user_arm_once(void)
{
	entry_syscall(SYS_ARM, 0);
	idle();
}

/* The same, on a CPU that has nothing else to do. */
notrace void idle_timer(void)
{
	task_die();
	apic_timer_arm(1);
	for (;;)
		hlt();
}

/* An NMI instead, which the first CPU sends to itself. */
notrace void idle_nmi(void)
{
	task_die();
	wrmsr(MSR_X2APIC_ICR, ICR_NMI);
	for (;;)
		hlt();
}

/* The same, on a CPU that passes the scheduler again and again. */
notrace void user_nmi_once(void)
{
	wrmsr(MSR_X2APIC_ICR, ICR_NMI);
}

/* For tick_function: what an interrupt handler does. */
notrace void tick_ticket(void)
{
	guest_assert(sys_ticket(5) == 5);
}

notrace void user_move(void)
{
	for (;;)
		entry_syscall(SYS_MOVE, 0);
}

/* A task that begins when its CPU comes up, and inherits the flag of the first of all tasks. */
notrace void user_reserve_hotplug(void)
{
	task_bring_up();
	use_reserve();
}

/*
 * A kthread begins another piece of work here.  Does nothing; it is where the
 * question of which functions it runs is asked anew.
 */
__noipa notrace void kthread_turn(void)
{
}

/* Works on in the kernel, and lets others run in between. */
notrace void kthread_ticket(void)
{
	for (;;) {
		kthread_turn();
		guest_assert(sys_ticket(5) == 5);
		yield();
	}
}

/* The same, with a mark where it holds nothing of what it did before. */
notrace void kthread_ticket_safe(void)
{
	for (;;) {
		kthread_turn();
		guest_assert(sys_ticket(5) == 5);
		yield();
		task_safe();
	}
}

/* The mark in the wrong place. */
notrace void kthread_ticket_unsafe(void)
{
	for (;;) {
		u64 ticket;

		kthread_turn();
		ticket = ticket_make(5);
		task_safe();
		guest_assert(ticket_take(ticket) == 5);
		yield();
	}
}

/* Never lets go of its CPU. */
notrace void kthread_busy(void)
{
	for (;;) {
		kthread_turn();
		guest_assert(sys_ticket(5) == 5);
	}
}
