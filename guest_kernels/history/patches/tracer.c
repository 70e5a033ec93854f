/*
 * A tracer in a module, far from the first, and the trampolines of a function
 * that is live-patched: the call at its site leads to one that goes on with the
 * new function.  The second traces as well.
 */
#include "../../lib/kgraft.h"

notrace void trace_two(void)
{
}

__patchable notrace int answer_fixed(void)
{
	return opaque(2);
}

u32 traced;

/* Drops the return address behind the site. */
__attribute__((naked)) __patchable notrace void klp_caller(void)
{
	__asm__("addq $8, %rsp\n\tjmp answer_fixed");
}

__attribute__((naked)) __patchable notrace void klp_regs_caller(void)
{
	__asm__("addq $8, %rsp\n\tmovl $1, traced(%rip)\n\tjmp answer_fixed");
}
