/*
 * The way into the kernel and out of it.  A call stands for SYSCALL and a
 * return for SYSRET, which does not serialize either; there is no other mode.
 */
#include "kernel.h"

static long (*const sys_call_table[NR_SYSCALLS])(u64) = {
	[SYS_NOTHING] = sys_nothing,
	[SYS_RESERVE] = sys_reserve,
	[SYS_TICKET] = sys_ticket,
	[SYS_WAIT] = sys_wait,
	[SYS_PAUSE] = sys_pause,
	[SYS_WAKE] = sys_wake,
	[SYS_FORK] = sys_fork,
	[SYS_MOVE] = sys_move,
	[SYS_SUM] = sys_sum,
	[SYS_ARM] = sys_arm,
	[SYS_FILL] = sys_fill,
	[SYS_SIZE] = sys_size,
};

/* Whether the flag is dropped on the way in, and on the way out.  kGraft does both. */
u32 kgr_clear_at_entry __ro_after_init = 1;
u32 kgr_clear_at_exit __ro_after_init = 1;

/* As PUSH_AND_CLEAR_REGS: what nobody reads any more is zero. */
#define clear_registers(more)						\
	__asm__ volatile("xorl %%eax, %%eax\n\txorl %%ecx, %%ecx\n\t"	\
			 "xorl %%edx, %%edx\n\txorl %%r8d, %%r8d\n\t"	\
			 "xorl %%r9d, %%r9d\n\txorl %%r10d, %%r10d\n\t"	\
			 "xorl %%r11d, %%r11d" more			\
			 ::: "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "cc")

/* Nothing on the stack belongs to a patched function here either. */
__noipa notrace void exit_to_user(void)
{
	clear_registers("\n\txorl %%esi, %%esi\n\txorl %%edi, %%edi");
	yield();
	if (kgr_clear_at_exit)
		kgr_task_safe();
}

/* User code calls this, and holds nothing of the kernel yet. */
__noipa notrace long entry_syscall(u64 nr, u64 arg)
{
	long result;

	if (kgr_clear_at_entry)
		kgr_task_safe();
	clear_registers("");
	result = sys_call_table[nr](arg);
	exit_to_user();
	return result;
}

/* Called by kthreads, which never leave the kernel, where they hold nothing. */
__noipa notrace void task_safe(void)
{
	kgr_task_safe();
}
