/*
 * What every file of a guest kernel, and every patch, includes.
 */
#ifndef KGRAFT_H
#define KGRAFT_H

#include "memlayout.h"
#include "x86.h"

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef int s32;
typedef long s64;
typedef _Bool bool;

#define NULL ((void *)0)

/* No patch site: neither a call to __fentry__ nor a row of NOPs at the entry. */
#define notrace		__attribute__((no_instrument_function, patchable_function_entry(0, 0)))
#define __inline	static inline __attribute__((always_inline)) notrace
#define noinline	__attribute__((__noinline__))
#define __noreturn	__attribute__((noreturn))
#define __cold		__attribute__((cold))
#define __packed	__attribute__((packed))
#define __aligned(n)	__attribute__((aligned(n)))
#define __used		__attribute__((used))
#define __section(name)	__attribute__((section(name)))

/*
 * Compiled as it stands: not inlined, split or cloned, its callers know its
 * type and no more.  clang has no word for the last; opaque() hides a result.
 */
#ifdef __clang__
#define __noipa		noinline
#else
#define __noipa		__attribute__((noipa))
#endif

/*
 * A function that may be replaced while it runs.  Its callers must not count
 * on the result, or on the registers, of the body it happens to have now.
 */
#define __patchable	__noipa

/* Written during boot (or by the simulator before it) and never again. */
#define __ro_after_init	__section(".data..ro_after_init")

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(volatile __typeof__(x) *)&(x) = (value))

/* Keeps the compiler, and nobody else, from moving memory accesses. */
#define barrier()	__asm__ volatile("" ::: "memory")

/* x as a value the compiler knows nothing about; emits nothing. */
#define opaque(x) ({						\
	__typeof__(x) opaque_ = (x);				\
	__asm__ volatile("" : "+r"(opaque_));			\
	opaque_;						\
})

/*
 * Boot leaves the number of the CPU in RDI, where nothing may ever overwrite
 * it.  A workload forgets it, so that CPUs which run the same workload are in
 * the same state.  Emits XOR of a register with itself.
 */
#define forget_cpu()	__asm__ volatile("xorl %%edi, %%edi" ::: "rdi", "cc")

/* Stops the simulation with the text of the expression when it is false. */
#define STRINGIFY_(x) #x
#define STRINGIFY(x) STRINGIFY_(x)
#define guest_assert(expr) do {							\
	if (__builtin_expect(!(expr), 0))					\
		guest_assert_failed(__FILE__ ":" STRINGIFY(__LINE__) ": " #expr);	\
} while (0)

/*
 * KGR_PATCH(old, new): calls of old are to run new.  A patch has one per
 * function; the pairs are what the loader finds in section .kgr_patch.
 * Refused by the compiler when the two differ in type.
 */
struct kgr_patch {
	const void *old_function;
	const void *new_function;
};

#define KGR_PATCH_IN(section, old, new)					\
	_Static_assert(__builtin_types_compatible_p(__typeof__(old), __typeof__(new)), \
		       #old " and " #new " differ in type");		\
	static const struct kgr_patch kgr_patch_##new			\
		__used __section(section) = { old, new }

#define KGR_PATCH(old, new)		KGR_PATCH_IN(".kgr_patch", old, new)

/* The same, for a function that fits the old ones as well as the new: every task runs it at once. */
#define KGR_PATCH_IMMEDIATE(old, new)	KGR_PATCH_IN(".kgr_patch.immediate", old, new)

/*
 * KGR_CALLBACKS(new, .pre_patch = prepare, ...): what the patcher is to call
 * before and after the transition that brings new, and the one that takes it
 * away.  A patch whose pre_patch does not return 0 is refused.
 */
struct kgr_callbacks {
	const void *new_function;
	long (*pre_patch)(void);
	void (*post_patch)(void);
	void (*pre_unpatch)(void);
	void (*post_unpatch)(void);
};

#define KGR_CALLBACKS(new, ...)						\
	static const struct kgr_callbacks kgr_callbacks_##new		\
		__used __aligned(8) __section(".kgr_callbacks") = { new, __VA_ARGS__ }

/*
 * A patch whose struct or union is not the kernel's of the same name is
 * refused, unless it says so: KGR_LAYOUT_CHANGES(struct task).
 */
#define KGR_NAME__(prefix, line)	prefix##line
#define KGR_NAME_(prefix, line)		KGR_NAME__(prefix, line)
#define KGR_LAYOUT_CHANGES(type)					\
	_Static_assert(sizeof(type), #type " has no layout");		\
	static const char KGR_NAME_(kgr_layout_, __LINE__)[]		\
		__used __aligned(1) __section(".kgr_layout") = #type

#include "defs.h"

#endif
