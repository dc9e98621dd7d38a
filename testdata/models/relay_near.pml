/* The exchange against relays, between honest parties: no card that is near is refused.
   docs/relay.md. Time goes in steps. The card answers within MAX steps, as it states; reader and
   driver take up to SLOW steps; a late answer is an accident of a busy computer and takes any time.
   Claim (assert): the terminal doesn't decline.
     default     the reader is no slower than the terminal's grace; two accidents in a tap    holds
     -DHASTY     a terminal without grace                                                    violated
     -DSLOWER    a reader that is slower than the grace                                      violated
     -DTHRICE    three accidents                                                             violated
     -DONCE      a terminal that asks once                                                   violated
     -DREACH     another claim: nothing is accepted (so that the end is reached)             violated */
#define MAX 2
#define GRACE 3
#ifdef HASTY
#define LIMIT MAX
#else
#define LIMIT (MAX + GRACE)
#endif
#ifdef SLOWER
#define SLOW (GRACE + 1)
#else
#define SLOW GRACE
#endif
#ifdef THRICE
#define ACCIDENTS 3
#else
#define ACCIDENTS 2
#endif
#ifdef ONCE
#define TRIES 1
#else
#define TRIES 3
#endif
proctype Tap() { byte try = 0, took = 0, accidents = 0;
again:
  try++; took = 0;
  do :: took < MAX -> took++ :: break od;               /* the card */
  do :: took < MAX + SLOW -> took++ :: break od;        /* and the reader: MAX + SLOW at most */
  if
  :: accidents < ACCIDENTS -> accidents++; took = LIMIT + 1
  :: skip
  fi;
  if
  :: took <= LIMIT ->
#ifdef REACH
     assert(false)
#else
     skip
#endif
  :: took > LIMIT && try < TRIES -> goto again
  :: else -> assert(false)                              /* declined */
  fi }
init { run Tap() }
