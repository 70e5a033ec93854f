/*
 * A changed calling contract: reserve() counts in bytes from now on, and so
 * does its caller.  Either without the other is off by a factor.  The second
 * version counts in units of 16 bytes.
 */
#include "../kernel.h"

__patchable long reserve_bytes(u64 bytes)
{
	return bytes;
}

__patchable long sys_reserve_bytes(u64 pages)
{
	return reserve(pages * PAGE_SIZE);
}

__patchable long reserve_units(u64 units)
{
	return units * 16;
}

__patchable long sys_reserve_units(u64 pages)
{
	return reserve(pages * (PAGE_SIZE / 16));
}

KGR_PATCH(reserve, reserve_bytes);
KGR_PATCH(sys_reserve, sys_reserve_bytes);
