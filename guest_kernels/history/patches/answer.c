/*
 * One function, and a successor of its successor.
 */
#include "../../lib/kgraft.h"

int answer(void);

__patchable int answer_fixed(void)
{
	return opaque(2);
}

__patchable int answer_newer(void)
{
	return opaque(3);
}

KGR_PATCH(answer, answer_fixed);
