/*
 * The INT3 protocol with stale instruction fetch, as one would write it for SPIN: N CPUs that call a patched
 * function for ever, one patcher, an IPI that may be taken at every instruction boundary. A CPU may fetch any
 * version of each byte that is not older than its last serialization.
 *
 *   spin -DN=2 -a text_poke.pml && gcc -O2 -DSAFETY -o pan pan.c && ./pan -m500000 -w22
 *
 * Times of the patcher's writes: 1 INT3, 2 to 5 the tail, 6 the JMP's first byte.
 */
#ifndef N
#define N 2
#endif

byte now = 0;			/* writes made so far */
byte pending = 0;		/* CPUs with an IPI waiting, a bit each */
bool armed = 0;			/* the #BP handler knows the site */
bool done = 0;

#define TAKE_IPI  atomic { (pending & (1 << _pid)) -> pending = pending & ~(1 << _pid); oldest = now }
#define BOUNDARY  do :: TAKE_IPI :: skip -> break od

/* Fetch a tail byte that is new from time t on: counts it if the new value is read. */
#define TAIL_BYTE(t)  if :: oldest < t :: now >= t -> new_tail++ fi

active [N] proctype cpu()
{
	byte oldest = 0;
	byte head, new_tail;
call:
	BOUNDARY;
	do
	:: TAKE_IPI
	:: d_step { head = 0; new_tail = 0 };
	   atomic {
		if
		:: oldest < 1 -> head = 0
		:: now >= 1 && oldest < 6 -> head = 1
		:: now >= 6 -> head = 2
		fi;
		if
		:: head == 1 -> assert(armed); goto trap
		:: else ->
			TAIL_BYTE(2); TAIL_BYTE(3); TAIL_BYTE(4); TAIL_BYTE(5);
			if
			:: head == 0 -> assert(new_tail == 0 && !done); goto old
			:: else -> assert(new_tail == 4); goto new
			fi
		fi
	   }
	od;
trap:
	BOUNDARY;
new:
	BOUNDARY; BOUNDARY;
	goto back;
old:
	BOUNDARY; BOUNDARY; BOUNDARY;
back:
	BOUNDARY; BOUNDARY; BOUNDARY;
	goto call
}

#define SYNC  pending = (1 << N) - 1; (pending == 0)

active proctype patcher()
{
	armed = 1;
	now++;
	SYNC;
	now++; now++; now++; now++;
	SYNC;
	now++;
	SYNC;
	atomic { done = 1; armed = 0 }
}
