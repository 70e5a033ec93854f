/*
 * Three functions in one patch.
 */
#include "../../lib/kgraft.h"

int question(void);
int answer(void);
int reason(void);

__patchable int question_revised(void)
{
	return opaque(2);
}

__patchable int answer_revised(void)
{
	return opaque(2);
}

__patchable int reason_revised(void)
{
	return opaque(2);
}

KGR_PATCH(question, question_revised);
KGR_PATCH(answer, answer_revised);
KGR_PATCH(reason, reason_revised);
