/*
 * Jump-optimised kprobes: a JMP over several instructions, here the five NOPs
 * at the start of answer().  After kernel/kprobes.c and
 * arch/x86/kernel/kprobes/opt.c.
 */
#include "history.h"

/* 0 brings a bug back. */
u32 kprobe_arm_syncs __ro_after_init = 1;
u32 kprobe_waits_for_tasks __ro_after_init = 1;
u32 kprobe_flag_last __ro_after_init = 1;

/* KPROBE_FLAG_OPTIMIZED: a CPU that traps goes on in the copy of the instructions. */
static u32 kprobe_optimized;

/* Tasks that were not seen outside of kernel code yet: RCU's, one task a CPU. */
DEFINE_PER_CPU_SHARED_ALIGNED(u32, rcu_tasks_holdout);

static u32 optimized_at_boot;

/* The copy, and the way back behind the originals. */
__attribute__((naked)) __patchable notrace int optprobe_detour(void)
{
	__asm__("nop\n\tnop\n\tnop\n\tnop\n\tnop\n\tjmp answer + 5");
}

/* Without the flag the first instruction, a NOP, is done here and the others in their place. */
notrace int int3_kprobe(struct pt_regs *regs)
{
	if (regs->ip - INT3_SIZE != poke_batch[0].site)
		return 0;
	if (READ_ONCE(kprobe_optimized))
		regs->ip = (u64)optprobe_detour;
	return 1;
}

/* A task sleeps: it is in the middle of nothing. */
__inline void rcu_tasks_qs(void)
{
	if (this_cpu_read(rcu_tasks_holdout))
		this_cpu_write(rcu_tasks_holdout, 0);
}

static noinline notrace void synchronize_rcu_tasks(void)
{
	u32 cpu;

	for (cpu = 0; cpu < nr_cpus - 1; cpu++)
		xchg(per_cpu_ptr(rcu_tasks_holdout, cpu), 1);
	for (cpu = 0; cpu < nr_cpus - 1; cpu++)
		while (READ_ONCE(*per_cpu_ptr(rcu_tasks_holdout, cpu)))
			cpu_relax();
}

static noinline notrace void arm_kprobe(volatile u8 *text)
{
	*text = INT3_OPCODE;
	if (kprobe_arm_syncs)
		sync_cores();
}

/* The breakpoint first; the JMP when nobody can be between the instructions any more. */
notrace void patcher_optimize(void)
{
	const struct poke_desc *desc = &poke_batch[0];

	forget_cpu();
	arm_kprobe((volatile u8 *)text_alias(desc->site));
	WRITE_ONCE(kprobe_optimized, 1);
	if (kprobe_waits_for_tasks)
		synchronize_rcu_tasks();
	poke_jump(desc);
}

/* The JMP is taken back, the breakpoint stays. */
static noinline notrace void unoptimize(volatile u8 *text)
{
	*text = INT3_OPCODE;
	sync_cores();
	*(volatile u32 *)(text + 1) = 0x90909090;
	sync_cores();
}

/* Begins with the JMP in its place, before anybody has come by. */
notrace void patcher_unoptimize(void)
{
	const struct poke_desc *desc = &poke_batch[0];

	forget_cpu();
	WRITE_ONCE(kprobe_optimized, 1);
	poke_jump(desc);
	smp_store_release(&optimized_at_boot, 1);
	if (!kprobe_flag_last)
		WRITE_ONCE(kprobe_optimized, 0);
	unoptimize((volatile u8 *)text_alias(desc->site));
	if (kprobe_flag_last)
		WRITE_ONCE(kprobe_optimized, 0);
}

notrace void workload_probed(void)
{
	forget_cpu();
	for (;;) {
		guest_assert(answer() == 1);
		rcu_tasks_qs();
	}
}

notrace void workload_unoptimized(void)
{
	forget_cpu();
	while (!READ_ONCE(optimized_at_boot))
		cpu_relax();
	for (;;)
		guest_assert(answer() == 1);
}
