/*
 * One function.
 */
#include "../../lib/kgraft.h"

int version(void);

__patchable int version_next(void)
{
	return opaque(2);
}

KGR_PATCH(version, version_next);
