/*
 * A kernel with system calls, one of which checks a bound wrongly.
 * do_syscall() is the boundary: what happens inside one call should happen in
 * old functions only, or in new functions only.
 */
#include "syscalls.h"
#include "../lib/cpu.h"

static const struct vault vault = {
	.slot = { SLOT_VALUE(0), SLOT_VALUE(1), SLOT_VALUE(2), SLOT_VALUE(3) },
	.secret = SECRET,
};

/*
 * Reads what a handle names.  The bound is the business of sys_read_slot();
 * a handle with a tag is none of slot_handle()'s.
 */
__patchable long handle_read(u64 handle)
{
	if (HANDLE_TAG(handle))
		return -EBADF;
	return *(const volatile long *)((const char *)&vault + handle);
}

/* The handle of a slot, without a tag. */
__patchable u64 slot_handle(u64 index)
{
	return index * sizeof(long);
}

/* The bug: > where it should be >=.  Index NSLOTS reads the secret. */
__patchable long sys_read_slot(u64 index)
{
	if (index > NSLOTS)
		return -EINVAL;
	return handle_read(slot_handle(index));
}

/* A call that ends here. */
__patchable long sys_get_version(u64 unused)
{
	(void)unused;
	return opaque(1L);
}

static long (*const sys_call_table[NR_SYSCALLS])(u64) = {
	[SYS_READ_SLOT] = sys_read_slot,
	[SYS_GET_VERSION] = sys_get_version,
};

/* An indirect CALL through read-only data, so no patch can get at it here. */
__patchable long do_syscall(u64 nr, u64 arg)
{
	if (nr >= NR_SYSCALLS)
		return -ENOSYS;
	return sys_call_table[nr](arg);
}

/* Tries index NSLOTS: the secret, or an error, but nothing else. */
__inline void attack(void)
{
	long r = do_syscall(SYS_READ_SLOT, NSLOTS);

	guest_assert(r == SECRET || r == -EINVAL);
}

/* Reads a slot it may read. */
__inline void use(void)
{
	guest_assert(do_syscall(SYS_READ_SLOT, 1) == SLOT_VALUE(1));
}

notrace void workload_attacker(void)
{
	forget_cpu();
	for (;;)
		attack();
}

notrace void workload_attacker_once(void)
{
	forget_cpu();
	attack();
}

/* Once it has failed, the attack may not succeed again. */
notrace void workload_attacker_twice(void)
{
	long first, second;

	forget_cpu();
	first = do_syscall(SYS_READ_SLOT, NSLOTS);
	second = do_syscall(SYS_READ_SLOT, NSLOTS);
	guest_assert(first == SECRET || second == -EINVAL);
}

notrace void workload_user(void)
{
	forget_cpu();
	for (;;)
		use();
}

notrace void workload_user_once(void)
{
	forget_cpu();
	use();
}

/* Stops between two calls when a patcher asks for it. */
notrace void workload_user_stoppable(void)
{
	forget_cpu();
	for (;;) {
		use();
		stop_poll();
	}
}

/* The short call, and a number that is none. */
notrace void workload_version(void)
{
	forget_cpu();
	for (;;) {
		guest_assert(do_syscall(SYS_GET_VERSION, 0) == 1);
		guest_assert(do_syscall(NR_SYSCALLS, 0) == -ENOSYS);
	}
}
