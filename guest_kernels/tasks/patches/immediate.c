/*
 * The change of ticket.c with a function that takes tickets of both kinds, so
 * that it may be used at once: it fits the old maker as well as the new.
 */
#include "../kernel.h"

#define SEAL	0x100

__patchable u64 ticket_make_marked(u64 number)
{
	return number | SEAL;
}

__patchable long ticket_take_either(u64 ticket)
{
	return ticket & ~SEAL;
}

KGR_PATCH(ticket_make, ticket_make_marked);
KGR_PATCH_IMMEDIATE(ticket_take, ticket_take_either);
