/*
 * NMIs on the stack they interrupt, and a handler that must not be entered
 * twice.  After do_nmi() of i386 before ccd49c239177: the IRET of a #BP inside
 * the handler lets the next NMI in.  The breakpoint is one that stands there
 * all the time.
 */
#include "history.h"

enum { NMI_NOT_RUNNING, NMI_EXECUTING, NMI_LATCHED };

/* 0: an NMI inside an NMI is handled on the spot. */
u32 nmi_latches __ro_after_init = 1;

static DEFINE_PER_CPU(u32, nmi_state);
static DEFINE_PER_CPU(u32, in_nmi);

static noinline notrace void default_do_nmi(void)
{
	guest_assert(!this_cpu_read(in_nmi));
	this_cpu_write(in_nmi, 1);
	guest_assert(probe() == 1);
	this_cpu_write(in_nmi, 0);
}

/* DEC, on the way out; another NMI may come right behind it. */
__inline bool nmi_came_meanwhile(void)
{
	bool zero;

	__asm__ volatile("decl %%gs:%c1" : "=@ccz"(zero) : "i"(&nmi_state) : "memory");
	return !zero;
}

/* For nmi_handler. */
notrace void nmi_do(void)
{
	if (!nmi_latches) {
		default_do_nmi();
		return;
	}
	if (this_cpu_read(nmi_state) != NMI_NOT_RUNNING) {
		this_cpu_write(nmi_state, NMI_LATCHED);
		return;
	}
	do {
		this_cpu_write(nmi_state, NMI_EXECUTING);
		default_do_nmi();
	} while (nmi_came_meanwhile());
}
