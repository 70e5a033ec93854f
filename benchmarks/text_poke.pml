/*
 * The INT3 protocol with stale instruction fetch, as one writes it for SPIN: N CPUs that call a patched function for
 * ever, eight instructions to a round, and one patcher that syncs them by IPI. A CPU may fetch any version of each
 * granule of the site that is not older than its last serialization; what it fetches must be the old instruction,
 * before the patcher is done, or an INT3 that somebody handles, or the new instruction, whole.
 *
 *   spin -DN=4 -a text_poke.pml && gcc -O2 -DSAFETY -o pan pan.c && ./pan -m500000 -w22
 *
 * An IPI may be taken in front of every instruction. With -DSITE_ONLY it is taken in front of the site only, which is
 * enough, as a person can argue: all other instructions touch nothing that is shared. Only then does SPIN's partial
 * order reduction find steps that are independent.
 *
 * -DFIRST=n: bytes of the site in its first granule. 1 is every byte for itself (stale1), 2 a site that begins two
 * bytes in front of a boundary (stale8 and stale64 with placement 62). -DSKIP=n leaves out the n-th sync.
 *
 * Versions of the text, by the number of bytes written: 1 INT3, 2 to 5 the tail, 6 the first byte of the JMP.
 */
#ifndef N
#define N 2
#endif
#ifndef FIRST
#define FIRST 1
#endif
#ifndef SKIP
#define SKIP 0
#endif

byte now = 0;			/* bytes written so far */
byte pending = 0;		/* CPUs with an IPI waiting, a bit each */
bool armed = 0;			/* the #BP handler knows the site */
bool done = 0;

#define MINE		(1 << _pid)
#define TAKE_IPI(here)	atomic { (pending & MINE) -> pending = pending & ~MINE; oldest = now; goto here }

/* One instruction that touches nothing shared. */
#ifdef SITE_ONLY
#define INSN(here, next)	here: true -> goto next
#else
#define INSN(here, next)	here: if :: TAKE_IPI(here) :: true -> goto next fi
#endif

active [N] proctype cpu()
{
	byte oldest = 0;	/* the version that was in memory at the last serialization */

	INSN(call, site);
site:
	if
	:: TAKE_IPI(site)
	:: atomic { oldest < 1 ->		/* first byte old: so must the other granules be */
		assert(now <= FIRST && !done); goto old_1 }
	:: atomic { now >= 1 && oldest < 6 ->	/* first byte INT3 */
		assert(armed); goto trap }
	:: atomic { now >= 6 ->			/* first byte JMP: no byte of the tail may be old */
		assert(FIRST == 5 || oldest >= 5); goto new_1 }
	fi;
	INSN(trap, new_1);
	INSN(new_1, new_2);
	INSN(new_2, ret);
	INSN(old_1, old_2);
	INSN(old_2, old_3);
	INSN(old_3, ret);
	INSN(ret, after);
	INSN(after, back);
	INSN(back, call)
}

#define SYNC	pending = (1 << N) - 1; (pending == 0)

active proctype patcher()
{
	armed = 1;
	now++;
#if SKIP != 1
	SYNC;
#endif
	now++; now++; now++; now++;
#if SKIP != 2
	SYNC;
#endif
	now++;
#if SKIP != 3
	SYNC;
#endif
	atomic { done = 1; armed = 0 }
}
