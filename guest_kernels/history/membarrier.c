/*
 * Code that a user program makes, and
 * MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, after which every thread may run
 * it.  After kernel/sched/membarrier.c and arch/x86/include/asm/sync_core.h.
 * There is no user mode here; SYSRET serializes no more than the RET that
 * stands for it.
 */
#include "history.h"
#include "../lib/apic.h"

/* 0 brings a bug back. */
u32 membarrier_syncs_caller __ro_after_init = 1;
u32 sync_before_usermode __ro_after_init = 1;

static u32 jit_ready;

/* Nobody runs the code yet: any order of stores will do. */
static noinline notrace void jit_write(const struct poke_desc *desc)
{
	volatile u8 *text = (volatile u8 *)text_alias(desc->site);

	*(volatile s32 *)(text + 1) = desc->target - (desc->site + SITE_SIZE);
	*text = JMP32_OPCODE;
}

/* Thread A, on the CPU where it writes. */
notrace void patcher_jit(void)
{
	forget_cpu();
	jit_write(&poke_batch[0]);
	smp_store_release(&jit_ready, 1);
}

/*
 * smp_mb() is a LOCKed instruction in Linux; the MFENCE of our own would
 * serialize on AMD.
 */
static noinline notrace void membarrier(u32 vector, u32 others)
{
	xchg(&sync_acks, 0);
	apic_send_all_but_self(vector);
	while (READ_ONCE(sync_acks) != others)
		cpu_relax();
}

/*
 * Thread A, moved to another CPU, calls membarrier() there.  On its way out the
 * scheduler replaces it by thread B, which runs the new code.
 */
notrace void workload_membarrier(void)
{
	forget_cpu();
	while (!READ_ONCE(jit_ready))
		cpu_relax();
	membarrier(VECTOR_SYNC, nr_cpus - 1);
	if (membarrier_syncs_caller)
		sync_core();
	guest_assert(answer() == 2);
}

/* Writes and calls membarrier(), whose IPI is the one below. */
notrace void patcher_jit_membarrier(void)
{
	forget_cpu();
	jit_write(&poke_batch[0]);
	membarrier(VECTOR_TIMER, nr_cpus - 1);
}

/* Another thread, asleep in a system call until now: its way to user mode is SYSRET. */
static noinline notrace void resume_thread(void)
{
	if (sync_before_usermode)
		sync_core();
	sti();
	guest_assert(answer() == 2);
	for (;;)
		hlt();
}

/*
 * The IPI, for timer_handler.  It trusts the IRET at its end to serialize, but
 * what comes at its end is the scheduler.
 */
notrace void ipi_sync_core(void)
{
	atomic_inc(&sync_acks);
	wrmsr(MSR_X2APIC_EOI, 0);
	resume_thread();
}

/* A thread in user mode. */
notrace void workload_user(void)
{
	forget_cpu();
	for (;;)
		cpu_relax();
}
