/*
 * The ends of a run.  The simulator knows these functions by address: a CPU
 * that enters one has failed, so none of them may be inlined or cloned.
 */
#include "cpu.h"

#define END_OF_RUN	__noipa notrace

/*
 * The last line of a guest.  The message stays in RDI for whoever looks.  An
 * NMI may still come, and finds the CPU here again.
 */
END_OF_RUN void panic(const char *message)
{
	__asm__ volatile("cli" :: "D"(message) : "memory");
	for (;;)
		hlt();
}

/* An exception nobody expects; vector is its number. */
END_OF_RUN void die(u64 vector)
{
	static const char names[][8] = {
		[VECTOR_DE] = "#DE", [VECTOR_UD] = "#UD", [VECTOR_DF] = "#DF",
		[VECTOR_GP] = "#GP", [VECTOR_PF] = "#PF",
	};

	panic(names[vector]);
}

/* A breakpoint nobody claims: regs->ip - 1 is where it was. */
END_OF_RUN void die_int3(struct pt_regs *regs)
{
	(void)regs;
	panic("#BP");
}

/* guest_assert() found its expression false; message is "file:line: expression". */
END_OF_RUN void guest_assert_failed(const char *message)
{
	panic(message);
}
