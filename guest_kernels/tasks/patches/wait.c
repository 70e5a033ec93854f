/*
 * The change of ticket.c, for a model that looks at stacks: the caller that
 * sleeps between the two is part of the patch, though nothing in it changes.
 */
#include "../kernel.h"

#define STAMP	0x200

__patchable u64 ticket_make_stamped(u64 number)
{
	return number | STAMP;
}

__patchable long ticket_take_stamped(u64 ticket)
{
	return ticket & STAMP ? (long)(ticket & ~STAMP) : -1;
}

__patchable long sys_wait_again(u64 number)
{
	u64 ticket = ticket_make(number);

	if (wait_event())
		return -EINTR;
	return ticket_take(ticket);
}

KGR_PATCH(ticket_make, ticket_make_stamped);
KGR_PATCH(ticket_take, ticket_take_stamped);
KGR_PATCH(sys_wait, sys_wait_again);
