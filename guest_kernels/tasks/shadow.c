/*
 * Shadow variables: data of an object that its struct has no room for, found
 * by the object's address and a number.  After kernel/livepatch/shadow.c.
 *
 * The key is one word, so that a lookup needs no lock: it sees all of a key or
 * nothing of it, also while a slot goes from one object to another.
 */
#include "shadow.h"
#include "../lib/spinlock.h"

struct shadow {
	u64 key;			/* 0: free */
	u64 data;
};

static struct shadow shadows[SHADOWS];

/* Held by everyone who changes the table. */
static struct spinlock shadow_lock;

/* The 16 bits that all kernel addresses have in common make room for the number. */
__inline u64 shadow_key(const void *object, u16 id)
{
	return (u64)object << 16 | id;
}

__inline struct shadow *find(u64 key)
{
	u32 i;

	for (i = 0; i < SHADOWS; i++)
		if (READ_ONCE(shadows[i].key) == key)
			return &shadows[i];
	return NULL;
}

/* The data of <object, id>, or NULL.  Who wants to use it keeps it from being freed. */
__noipa notrace u64 *shadow_get(const void *object, u16 id)
{
	struct shadow *found = find(shadow_key(object, id));

	return found ? &found->data : NULL;
}

/* x86 keeps stores in order: who finds the key finds what the constructor wrote. */
__inline u64 *add(const void *object, u16 id, shadow_ctor ctor, u64 value)
{
	struct shadow *slot = find(0);

	if (!slot || (ctor && ctor(object, &slot->data, value)))
		return NULL;
	smp_store_release(&slot->key, shadow_key(object, id));
	return &slot->data;
}

/* Looked for once more under the lock: somebody else may have been faster. */
static notrace u64 *get_or_add(const void *object, u16 id, shadow_ctor ctor, u64 value, bool take_existing)
{
	u64 flags = spin_lock_irqsave(&shadow_lock);
	u64 *data = shadow_get(object, id);

	if (!data)
		data = add(object, id, ctor, value);
	else if (!take_existing)
		data = NULL;
	spin_unlock_irqrestore(&shadow_lock, flags);
	return data;
}

/* A new variable; NULL if there is one, no room, or the constructor fails. */
notrace u64 *shadow_alloc(const void *object, u16 id, shadow_ctor ctor, u64 value)
{
	return get_or_add(object, id, ctor, value, 0);
}

/* The variable there is, or else a new one. */
notrace u64 *shadow_get_or_alloc(const void *object, u16 id, shadow_ctor ctor, u64 value)
{
	u64 *data = shadow_get(object, id);

	return data ? data : get_or_add(object, id, ctor, value, 1);
}

/* Nobody finds it any more; the lock keeps the slot from others while the destructor looks at it. */
__inline void drop(struct shadow *slot, const void *object, shadow_dtor dtor)
{
	WRITE_ONCE(slot->key, 0);
	if (dtor)
		dtor(object, &slot->data);
}

notrace void shadow_free(const void *object, u16 id, shadow_dtor dtor)
{
	u64 flags = spin_lock_irqsave(&shadow_lock);
	struct shadow *slot = find(shadow_key(object, id));

	if (slot)
		drop(slot, object, dtor);
	spin_unlock_irqrestore(&shadow_lock, flags);
}

/* The variables of this number, of all objects. */
notrace void shadow_free_all(u16 id, shadow_dtor dtor)
{
	u64 flags = spin_lock_irqsave(&shadow_lock);
	u32 i;

	for (i = 0; i < SHADOWS; i++)
		if (shadows[i].key && (u16)shadows[i].key == id)
			drop(&shadows[i], (const void *)((s64)shadows[i].key >> 16), dtor);
	spin_unlock_irqrestore(&shadow_lock, flags);
}
