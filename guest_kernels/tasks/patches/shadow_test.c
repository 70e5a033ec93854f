/*
 * Two CPUs use shadow variables at the same time; what each of them may count
 * on is what the kernel's test of them does (lib/livepatch/test_klp_shadow_vars.c).
 */
#include "../kernel.h"
#include "../shadow.h"

/* An object that both CPUs know, and one that one of them knows. */
static u32 shared_object, own_object;

static u32 constructed, destructed;

static notrace long construct(const void *object, u64 *data, u64 value)
{
	(void)object;
	constructed++;
	*data = value;
	return 0;
}

static notrace void destruct(const void *object, u64 *data)
{
	(void)object;
	guest_assert(*data == 3);
	destructed++;
}

/* Whoever comes first makes the variable, and nobody sees it without its value. */
__noipa notrace void shadow_of_both(void)
{
	u64 *data = shadow_get_or_alloc(&shared_object, 1, construct, 7);

	guest_assert(data && *data == 7 && constructed == 1);
	guest_assert(data == shadow_get(&shared_object, 1));
}

/* Numbers and objects have nothing to do with each other. */
__noipa notrace void shadow_of_one(void)
{
	u64 *data;

	guest_assert(!shadow_get(&own_object, 1));
	data = shadow_alloc(&own_object, 2, NULL, 0);
	guest_assert(data && !shadow_alloc(&own_object, 2, NULL, 0));
	guest_assert(!shadow_get(&shared_object, 2) && !shadow_get(&own_object, 1));
	WRITE_ONCE(*data, 3);
	shadow_free(&own_object, 2, destruct);
	guest_assert(!shadow_get(&own_object, 2) && destructed == 1);
}

notrace void workload_shadow_of_both(void)
{
	forget_cpu();
	shadow_of_both();
}

notrace void workload_shadow_of_one(void)
{
	forget_cpu();
	shadow_of_one();
	shadow_of_both();
}
