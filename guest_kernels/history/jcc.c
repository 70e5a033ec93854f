/*
 * A #BP handler that acts as a conditional jump.  After the kprobes of x86
 * before 8924779df820.
 */
#include "history.h"

#define FLAGS_ZF	0x040
#define FLAGS_SF	0x080
#define FLAGS_OF	0x800

/* 1: JLE needs ZF as well, where it should take either. */
u32 jle_takes_both __ro_after_init;

/*
 * JLE, with the INT3 of a kprobe in the place of its first byte.  Returns whether
 * a <= b.
 */
__attribute__((naked)) notrace static int less_or_equal(s64 a, s64 b)
{
	(void)a;
	(void)b;
	__asm__("cmpq %rsi, %rdi\n"
		".globl jle_site\n"
		"jle_site:\n\t"
		"int3\n\t"
		".byte 1f - . - 1\n\t"
		"xorl %eax, %eax\n\t"
		"ret\n"
		"1:\tmovl $1, %eax\n\t"
		"ret");
}

extern const u8 jle_site[];

/* JLE jumps where SF differs from OF, or where ZF is set. */
__inline bool jle_taken(u64 flags)
{
	bool less = !(flags & FLAGS_SF) != !(flags & FLAGS_OF);
	bool equal = flags & FLAGS_ZF;

	return jle_takes_both ? less && equal : less || equal;
}

notrace int int3_jcc(struct pt_regs *regs)
{
	if (regs->ip - INT3_SIZE != (u64)jle_site)
		return 0;
	regs->ip += 1;			/* the displacement */
	if (jle_taken(regs->flags))
		regs->ip += (signed char)jle_site[1];
	return 1;
}

notrace void workload_compare(void)
{
	forget_cpu();
	guest_assert(less_or_equal(2, 2));
	guest_assert(less_or_equal(1, 2));
	guest_assert(!less_or_equal(2, 1));
}
