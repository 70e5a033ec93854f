/*
 * Instructions C has no name for.
 */
#ifndef CPU_H
#define CPU_H

#include "kgraft.h"

__inline void cli(void)
{
	__asm__ volatile("cli" ::: "memory");
}

__inline void sti(void)
{
	__asm__ volatile("sti" ::: "memory");
}

__inline void hlt(void)
{
	__asm__ volatile("hlt" ::: "memory");
}

__inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/* CLI, and what the interrupt flag was: PUSHF, POP. */
__inline u64 irq_save(void)
{
	u64 flags;

	__asm__ volatile("pushfq\n\tpopq %0\n\tcli" : "=r"(flags) :: "memory");
	return flags;
}

/* STI when irq_save() found interrupts on. */
__inline void irq_restore(u64 flags)
{
	if (flags & FLAGS_IF)
		sti();
}

/* WRMSR takes the number in ECX and the value in EDX:EAX. */
__inline void wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" :: "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

/*
 * Throws away whatever this CPU has fetched or decoded ahead: IRET to the next
 * instruction, the way Linux does it where SERIALIZE is missing.  The frame is
 * built by hand, with RSP as it is now; it changes neither a register nor IF,
 * but, being an IRET, ends the blocking of NMIs.
 */
__inline void sync_core(void)
{
	__asm__ volatile("pushq %0\n\t"
			 "pushq %%rsp\n\t"
			 "addq $8, (%%rsp)\n\t"
			 "pushfq\n\t"
			 "pushq %1\n\t"
			 "pushq $1f\n\t"
			 "iretq\n"
			 "1:"
			 :: "i"(KERNEL_DS), "i"(KERNEL_CS) : "memory", "cc");
}

#endif
