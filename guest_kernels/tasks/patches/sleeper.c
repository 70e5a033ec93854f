/*
 * The change of wait.c in two functions: the one that sleeps stamps its ticket
 * itself, afterwards.
 */
#include "../kernel.h"

#define STAMP	0x200

__patchable long ticket_take_after(u64 ticket)
{
	return ticket & STAMP ? (long)(ticket & ~STAMP) : -1;
}

__patchable long sys_wait_and_stamp(u64 number)
{
	if (wait_event())
		return -EINTR;
	return ticket_take(number | STAMP);
}

KGR_PATCH(ticket_take, ticket_take_after);
KGR_PATCH(sys_wait, sys_wait_and_stamp);
