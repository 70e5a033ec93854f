/*
 * The change of ticket.c, and one of the two functions is said to fit the old
 * ones, which it does not.
 */
#include "../kernel.h"

#define SEAL	0x100

__patchable u64 ticket_make_marked(u64 number)
{
	return number | SEAL;
}

__patchable long ticket_take_marked(u64 ticket)
{
	return ticket & SEAL ? (long)(ticket & ~SEAL) : -1;
}

KGR_PATCH(ticket_make, ticket_make_marked);
KGR_PATCH_IMMEDIATE(ticket_take, ticket_take_marked);
