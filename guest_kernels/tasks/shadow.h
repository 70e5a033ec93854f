/*
 * Shadow variables: a word of data for <object, id>, whatever the object is.
 */
#ifndef SHADOW_H
#define SHADOW_H

#include "../lib/kgraft.h"

#define SHADOWS		3

/* Gives the data its first value; not 0: fails, and there is no variable.  Runs with the lock held. */
typedef long (*shadow_ctor)(const void *object, u64 *data, u64 value);
typedef void (*shadow_dtor)(const void *object, u64 *data);

u64		*shadow_get(const void *object, u16 id);
u64		*shadow_alloc(const void *object, u16 id, shadow_ctor ctor, u64 value);
u64		*shadow_get_or_alloc(const void *object, u16 id, shadow_ctor ctor, u64 value);
void		shadow_free(const void *object, u16 id, shadow_dtor dtor);
void		shadow_free_all(u16 id, shadow_dtor dtor);

#endif
