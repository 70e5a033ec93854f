/*
 * One function: the smallest patch.
 */
#include "../../lib/kgraft.h"

int answer(void);

__patchable int answer_fixed(void)
{
	return opaque(2);
}

KGR_PATCH(answer, answer_fixed);
