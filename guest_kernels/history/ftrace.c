/*
 * The call inside ftrace's trampoline, and how it is changed.  After
 * arch/x86/kernel/ftrace.c before 8a4d0a687a59: call sites got a breakpoint,
 * the trampoline that all of them share did not.
 */
#include "history.h"

/* 0: five bytes are copied over the call. */
u32 ftrace_caller_by_int3 __ro_after_init = 1;

/* The trampoline.  Its first instruction is the call that is changed. */
__patchable void ftrace_caller(void)
{
}

/* The first tracer. */
notrace void trace_one(void)
{
}

notrace void workload_traced(void)
{
	forget_cpu();
	for (;;)
		ftrace_caller();
}

static noinline notrace void copy_call(const struct poke_desc *desc)
{
	volatile u8 *text = (volatile u8 *)text_alias(desc->site);
	s32 disp = desc->target - (desc->site + SITE_SIZE);
	u32 i;

	text[0] = CALL_OPCODE;
	for (i = 0; i < 4; i++)
		text[1 + i] = disp >> 8 * i;
	sync_cores();
}

/* A tracer is set, and then another one. */
notrace void patcher_ftrace(void)
{
	forget_cpu();
	poke(&poke_batch[0]);
	if (ftrace_caller_by_int3)
		poke(&poke_batch[1]);
	else
		copy_call(&poke_batch[1]);
}
