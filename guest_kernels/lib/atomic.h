/*
 * Memory ordering and atomic instructions.  x86 keeps loads in order and
 * stores in order, so smp_rmb() and smp_wmb() bind the compiler only; a store
 * may still pass a later load, and only a LOCKed or serializing instruction,
 * or MFENCE, prevents that.
 */
#ifndef ATOMIC_H
#define ATOMIC_H

#include "kgraft.h"

#define smp_rmb()	barrier()
#define smp_wmb()	barrier()
#define smp_mb()	__asm__ volatile("mfence" ::: "memory")

/* Everything before it is visible to whoever sees the new value: a plain MOV. */
#define smp_store_release(pointer, value) do {	\
	barrier();				\
	WRITE_ONCE(*(pointer), value);		\
} while (0)

/* LOCK INC */
__inline void atomic_inc(u32 *v)
{
	__asm__ volatile("lock incl %0" : "+m"(*v) :: "memory", "cc");
}

/* LOCK DEC */
__inline void atomic_dec(u32 *v)
{
	__asm__ volatile("lock decl %0" : "+m"(*v) :: "memory", "cc");
}

/* LOCK DEC; true when the result is zero. */
__inline bool atomic_dec_and_test(u32 *v)
{
	bool zero;

	__asm__ volatile("lock decl %0" : "+m"(*v), "=@ccz"(zero) :: "memory");
	return zero;
}

/* XCHG, which locks without a prefix; returns the old value. */
__inline u32 xchg(u32 *v, u32 value)
{
	__asm__ volatile("xchgl %0, %1" : "+r"(value), "+m"(*v) :: "memory");
	return value;
}

/* LOCK XADD; returns the old value. */
__inline u32 fetch_add(u32 *v, u32 value)
{
	__asm__ volatile("lock xaddl %0, %1" : "+r"(value), "+m"(*v) :: "memory", "cc");
	return value;
}

#endif
