/* The element's arming and one-show cards as a machine: any reader, any payment, power cuts.
   docs/protocol.md, "Arming and spending"; applet/PROTOCOL.md, "The life of a card".
   Claims (asserts):
     A  no card is shown to two payments                   (or merchants link)
     B  one arming is answered for at most three times     (or a phone is known again by a replay)
     C  nothing is shown without the owner's consent
   default     as built                                                               0 errors
   -DMULTI     as printed: one card until it expires (repair 5)                       A violated
   -DNOARM     as printed: no consent (repair 13)                                     C violated
   -DFOREVER   as first written: the same payment gets its answer again for ever      B violated
   -DLATE      the commit follows the answer: a cut forgets that it was given         B violated */
#define CARDS 2
#define PAYMENTS 2
#define TRIES 3
#define NO CARDS                        /* no card */
mtype = { none, ready, bound };
mtype arm = none;                       /* durable, as are the next four */
byte slot = 0, to = 0, tries = 0;
bool spent[CARDS];
byte shown[CARDS];                      /* to which payment, 0 for none: what the world has seen */
byte answers = 0;                       /* to the arming in force */
bool consent = false;                   /* the owner has armed, and not taken it back */

inline reveal(c, p) {
  d_step {
    assert(shown[c] == 0 || shown[c] == p);      /* A */
    shown[c] = p;
    answers++; assert(answers <= TRIES);         /* B */
    assert(consent)                              /* C */
  } }

inline commit(c, p) {
  d_step {
#ifndef MULTI
    spent[c] = true;
#endif
#ifndef FOREVER
    tries++;
#endif
    arm = bound; slot = c; to = p
  } }

inline choose(c, p) {                   /* the card for a payment, or NO */
  d_step {
    c = NO;
    if
    :: arm == bound && to == p && tries < TRIES -> c = slot
    :: arm == ready ->
       c = 0; do :: c < CARDS && spent[c] -> c++ :: else -> break od
#ifdef NOARM
    :: arm == none ->
       c = 0; do :: c < CARDS && spent[c] -> c++ :: else -> break od
#endif
    :: else -> skip
    fi
  } }

proctype Element() { byte c = NO, p = 0;
  do
  :: (!spent[0] || !spent[1]) ->        /* the owner arms: a new arming replaces the old one */
     d_step { arm = ready; tries = 0; to = 0; answers = 0; consent = true }
  :: d_step { arm = none; consent = false }      /* disarms, or a TC has ended the tap */
  :: select(p : 1 .. PAYMENTS); choose(c, p);    /* a reader asks for a record */
     if
     :: c < CARDS ->
#ifdef LATE
        reveal(c, p);
        if :: commit(c, p) :: skip fi   /* power cut before the commit */
#else
        commit(c, p);
        if :: reveal(c, p) :: skip fi     /* power cut before the answer */
#endif
     :: else -> skip                    /* 6985 */
     fi
  od }
init { run Element() }
