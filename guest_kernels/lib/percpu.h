/*
 * Per-CPU variables.  The address of one is its offset in the block of a CPU,
 * so %gs:variable is the copy of this CPU and per_cpu_ptr() that of another.
 */
#ifndef PERCPU_H
#define PERCPU_H

#include "kgraft.h"

/* Touched by the CPU it belongs to and by no other. */
#define DEFINE_PER_CPU(type, name)		__section(".data..percpu") type name

/* Other CPUs may touch it as well. */
#define DEFINE_PER_CPU_SHARED_ALIGNED(type, name) \
	__section(".data..percpu..shared_aligned") __aligned(64) type name

#define per_cpu_ptr(variable, cpu) \
	((__typeof__(variable) *)(PERCPU_BASE + ((u64)(cpu) << PERCPU_SHIFT) + (u64)&(variable)))

/* This CPU's copy. */
#define this_cpu_read(variable) ({					\
	__typeof__(variable) value_;					\
	__asm__ volatile("mov %%gs:%c1, %0" : "=r"(value_) : "i"(&(variable)) : "memory"); \
	value_;								\
})

#define this_cpu_write(variable, value)					\
	__asm__ volatile("mov %0, %%gs:%c1" :: "r"((__typeof__(variable))(value)), "i"(&(variable)) : "memory")

/* The same, one more or less, for data no other CPU touches: needs no LOCK. */
#define this_cpu_inc(variable) \
	__asm__ volatile("incl %%gs:%c0" :: "i"(&(variable)) : "memory", "cc")

#define this_cpu_dec(variable) \
	__asm__ volatile("decl %%gs:%c0" :: "i"(&(variable)) : "memory", "cc")

/* LOCK DEC of this CPU's copy. */
#define this_cpu_dec_locked(variable) \
	__asm__ volatile("lock decl %%gs:%c0" :: "i"(&(variable)) : "memory", "cc")

/*
 * Adds one to this CPU's copy unless it is zero; says whether it did.  A load
 * and LOCK CMPXCHG, again from what CMPXCHG saw when another CPU came between.
 */
#define this_cpu_inc_not_zero(variable) ({					\
	u32 old_;								\
	bool done_ = 0;								\
	__asm__ volatile("movl %%gs:%c1, %0" : "=r"(old_) : "i"(&(variable)) : "memory"); \
	while (old_ && !done_)							\
		__asm__ volatile("lock cmpxchgl %2, %%gs:%c3"			\
				 : "=@ccz"(done_), "+a"(old_)			\
				 : "r"(old_ + 1), "i"(&(variable)) : "memory");	\
	done_;									\
})

#endif
