/* A patch with a bug: callers expect 16 or 8. */

#include "kgraft.h"

int limit(void);

__patchable int limit_off_by_one(void)
{
	return opaque(7);
}

KGR_PATCH(limit, limit_off_by_one);
