/*
 * Another calling convention: the caller takes the arguments off the stack.
 */
#include "../kernel.h"

__attribute__((naked)) __patchable long sum_args_plain(void)
{
	__asm__("movq 8(%rsp), %rax\n\taddq 16(%rsp), %rax\n\tret");
}

__patchable long sys_sum_pops(u64 number)
{
	return call_sum_args(number, number, "addq $16, %%rsp");
}

KGR_PATCH(sum_args, sum_args_plain);
KGR_PATCH(sys_sum, sys_sum_pops);
