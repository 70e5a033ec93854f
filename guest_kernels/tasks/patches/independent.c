/*
 * Two functions that have nothing to do with each other, for two patches that
 * come and go one by one.
 */
#include "../kernel.h"

__patchable long sys_reserve_checked(u64 pages)
{
	return pages ? reserve(pages) : -1;
}

__patchable long ticket_take_checked(u64 ticket)
{
	return ticket ? (long)ticket : -1;
}

KGR_PATCH(sys_reserve, sys_reserve_checked);
KGR_PATCH(ticket_take, ticket_take_checked);
