/*
 * Both ends of a ticket change.  What a site leads to is kGraft's slow stub: the
 * old function for a thread that has the flag.
 */
#include "../../lib/kgraft.h"

int ticket_make(void);
int ticket_take(void);

__patchable notrace int ticket_make_new(void)
{
	return opaque(2);
}

__patchable notrace int ticket_take_new(void)
{
	return opaque(2);
}

#define SLOW_STUB(old)								\
	__attribute__((naked)) __patchable notrace int old##_stub(void)		\
	{									\
		__asm__("cmpl $0, %gs:kgr_flag\n\t"			\
			"je " #old "_new\n\t"					\
			"jmp " #old " + 5");					\
	}

SLOW_STUB(ticket_make)
SLOW_STUB(ticket_take)

KGR_PATCH(ticket_make, ticket_make_stub);
KGR_PATCH(ticket_take, ticket_take_stub);
