/* The patch: half as many slots. */

#include "kgraft.h"

int limit(void);

__patchable int limit_halved(void)
{
	return opaque(8);
}

KGR_PATCH(limit, limit_halved);
