/*
 * Two functions that change together, while their callers do not.
 */
#include "../kernel.h"

#define SEAL	0x100

__patchable u64 ticket_make_sealed(u64 number)
{
	return number | SEAL;
}

__patchable long ticket_take_sealed(u64 ticket)
{
	return ticket & SEAL ? (long)(ticket & ~SEAL) : -1;
}

KGR_PATCH(ticket_make, ticket_make_sealed);
KGR_PATCH(ticket_take, ticket_take_sealed);
