/*
 * kGraft's flag, for one process with a thread on each CPU.  After
 * kernel/kgraft.c of SUSE Linux Enterprise 12.
 */
#include "history.h"

/* 0: only the first thread of a process is marked, and waited for. */
u32 kgr_walks_threads __ro_after_init = 1;

/* While stubs are installed nobody changes over. */
enum { KGR_NEW, KGR_OLD, KGR_IN_PROGRESS };

/* The flag of the thread that this CPU runs. */
DEFINE_PER_CPU_SHARED_ALIGNED(u32, kgr_flag);

/* A pair that agrees on what a ticket looks like. */
__patchable int ticket_make(void)
{
	return opaque(1);
}

__patchable int ticket_take(void)
{
	return opaque(1);
}

/* For every thread that the walk finds. */
#define for_each_thread(cpu) \
	for ((cpu) = 0; (cpu) < (kgr_walks_threads ? nr_cpus - 1 : 1); (cpu)++)

/* Every thread is old before the first stub is there, and new when it comes by after the last. */
notrace void patcher_kgr(void)
{
	u32 cpu;

	forget_cpu();
	for_each_thread(cpu)
		xchg(per_cpu_ptr(kgr_flag, cpu), KGR_OLD);
	poke_jump(&poke_batch[0]);
	poke_jump(&poke_batch[1]);
	for_each_thread(cpu)
		xchg(per_cpu_ptr(kgr_flag, cpu), KGR_IN_PROGRESS);
	for_each_thread(cpu)
		while (READ_ONCE(*per_cpu_ptr(kgr_flag, cpu)))
			cpu_relax();
}

/* On the way into the kernel and out of it. */
__inline void kgr_task_safe(void)
{
	if (this_cpu_read(kgr_flag) == KGR_IN_PROGRESS)
		this_cpu_write(kgr_flag, KGR_NEW);
}

/* One system call, and then time in user mode. */
notrace void workload_thread(void)
{
	int made;

	forget_cpu();
	kgr_task_safe();
	made = ticket_make();
	guest_assert(ticket_take() == made);
	for (;;)
		kgr_task_safe();
}
