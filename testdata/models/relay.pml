/* The exchange against relays: a near end stands at the till, the card is WAY steps away from it.
   docs/relay.md; applet/PROTOCOL.md, "The exchange against relays". Time goes in steps.
   The near end is the attacker. He knows all that the terminal has sent and the card has answered,
   asks the card whatever he likes whenever he likes (GET PROCESSING OPTIONS again, too), and answers
   the terminal whenever he likes: what the card has said, or what he makes up (OWN). What he can't:
   be faster than WAY steps each way, sign, or guess entropy.
   Claim (assert): what is accepted was there and back within LIMIT = MAX + GRACE, the longest time
   that a card states for itself and the terminal's grace.
     default       as built: entropy of both sides, fresh for each try; the signature over the payment
                   covers the last exchange with its times                                   holds
     -DTORN        a second tap on the same terms, the card in another place; the statement stays the
                   first one's, and the terminal remembers what it has found near            holds
     -DMAC         as first written: a code under the chain value instead                    violated
     -DBARE        the exchange isn't signed                                                 violated
     -DTIMES       the signature doesn't cover the times that the card states                violated
     -DONECARD     one entropy of the card's for all tries                                   violated
     -DONETERM     one entropy of the terminal's for all tries                               violated
     -DANYTRY      proven is any exchange of the tap, not the last                           violated
     -DUNMEASURED  the terminal doesn't mind the time                                        violated
     -DTORN -DHOARD  and remembers what was late, too                                        violated
     -DTORN -DREACH  another claim: no second tap is accepted by the first one's statement    violated
     -DFAST        another claim: only a card in the same place is accepted                  violated
                   (a relay within LIMIT passes; and the end is reached)                              */
#define OWN 0                           /* what the near end makes up */
#define SESSIONS 2                      /* GET PROCESSING OPTIONS, two times at most */
#define MAX 1
#ifdef TORN                             /* smaller, or there are too many states */
#define TAPS 2
#define TRIES 2
#define GRACE 0
#define FARTHEST 1                      /* there and back 0, or 2: too far */
#else
#define TAPS 1
#define TRIES 3
#define GRACE 2
#define FARTHEST 2                      /* there and back 0, 2 (passes), or 4: too far */
#endif
#define LIMIT (MAX + GRACE)
#define IDS (SESSIONS * TRIES)
mtype = { idle, asked, near, over };            /* the terminal */
mtype = { offered, bound };                     /* the card, after GET PROCESSING OPTIONS */
mtype = { none, options, exchange, sign };      /* commands under way */
mtype term = idle, card = offered, cmd = none, ans = none;

byte way;                               /* steps from near end to card, one way */
byte tap = 1, try = 0, clock = 0;       /* terminal: of this tap; steps since it asked, LIMIT+1 at most */
byte sent = 0;                          /* exchanges so far, of all taps: entropy of the last one */
byte said_e = 0; bool said_long = false;        /* what it was answered last */
byte kept[TAPS*TRIES+1];                /* answers, + 1, by which a later tap may go on */

byte session = 1, x = 0;                /* card: GET PROCESSING OPTIONS so far, exchanges since */
byte last_n = 0, last_e = 0, last_way = 0;      /* the last exchange, 0 for none, and where it was */
byte st_n = 0, st_e = 0, st_way = 0; bool st = false;   /* the statement */

bool knows[IDS+1];                      /* near end: entropies of the card's */
bool has[(TAPS*TRIES+1)*(IDS+1)];       /* statements, by both entropies */
bool key = false;                       /* the chain value (-DMAC) */
byte cmd_n = 0, cmd_eta = 0, ans_n = 0, ans_e = 0, ans_eta = 0;

#ifdef ONETERM
#define ENTROPY (tap)
#else
#define ENTROPY (sent)
#endif
#ifdef ONECARD
#define DRAWN (session * TRIES)
#else
#define DRAWN ((session - 1) * TRIES + x)
#endif
#define AT(n, e) ((n) * (IDS + 1) + (e))

inline ask() { try++; sent++; term = asked }

inline keep(e, long_times) {
  if :: !long_times -> kept[ENTROPY] = e + 1 :: else fi }

inline judge(e, long_times) {           /* the answer is here */
  d_step {
    said_e = e; said_long = long_times;
#if defined(ANYTRY) || defined(HOARD)
    keep(e, long_times);
#endif
    if
#ifndef UNMEASURED
    :: clock > LIMIT && !long_times ->
       if :: try < TRIES -> ask() :: else -> term = over fi
#endif
    :: else -> term = near
#ifdef TORN
       keep(e, long_times)
#endif
    fi;
    clock = 0
  } }

inline accept(where) {
#ifdef FAST
  assert(where == 0);
#else
  assert(2 * where <= LIMIT);
#endif
  term = over }

/* a statement over (n, e) with the card's own times is shown to the terminal */
inline prove(n, e) {
  d_step {
    if
#ifdef BARE
    :: true -> accept(way)
#else
#ifdef TIMES
    :: n == ENTROPY && e == said_e -> accept(way)
#endif
    :: n == ENTROPY && e == said_e && !said_long -> accept(way)
#if defined(TORN) || defined(ANYTRY)
    :: n > 0 && n != ENTROPY && kept[n] == e + 1 ->
#ifdef REACH
       assert(false);
#endif
       accept(st_way)
#endif
#endif
    :: else -> term = over
    fi
  } }

proctype World() { byte n = 0, e = 0; bool far = false;
  select(way : 0 .. FARTHEST);
end:
  do
  :: atomic { d_step {                                        /* a step of time */
       (term == asked && clock <= LIMIT) || cmd_eta > 0 || ans_eta > 0 ->
       if :: term == asked && clock <= LIMIT -> clock++ :: else fi;
       if :: cmd_eta > 0 -> cmd_eta-- :: else fi;
       if :: ans_eta > 0 -> ans_eta-- :: else fi } }

  /* the terminal begins, and the near end answers it */
  :: atomic { term == idle -> ask() }
  :: atomic { term == asked -> e = OWN; far = false;
       do :: e < IDS -> e++ :: break od;
       if :: far = true :: skip fi;
       if :: e == OWN || knows[e] -> judge(e, far) :: else fi; e = 0; far = false }
  :: atomic { term == near -> n = 0; e = 0;
       do :: n < TAPS*TRIES -> n++ :: break od; do :: e < IDS -> e++ :: break od;
       if
       :: has[AT(n, e)] -> prove(n, e)
#ifdef MAC
       :: key && n <= sent && (e == OWN || knows[e]) -> prove(n, e)
#endif
       :: else
       fi; n = 0; e = 0 }
#ifdef TORN
  /* the tap breaks off, the phone is carried somewhere, and the same payment is taken again */
  :: atomic { tap < TAPS && (term == near || term == asked) && cmd == none && ans == none ->
       tap++; try = 0; clock = 0; term = idle; select(way : 0 .. FARTHEST) }
#endif

  /* the near end asks the card */
  :: atomic { cmd == none && card == offered && x < TRIES -> n = 0;
       do :: n < ENTROPY && sent > 0 -> n++ :: break od;
       cmd = exchange; cmd_n = n; cmd_eta = way; n = 0 }
  :: atomic { cmd == none -> cmd = sign; cmd_eta = way }
  :: atomic { cmd == none && session < SESSIONS -> cmd = options; cmd_eta = way }

  /* it reaches the card, which answers as fast as it likes */
  :: atomic { cmd == options && cmd_eta == 0 ->
       session++; x = 0; card = offered; last_n = 0; last_e = 0; last_way = 0; cmd = none }
  :: atomic { cmd == exchange && cmd_eta == 0 && ans == none && card == offered ->
       x++; last_n = cmd_n; last_e = DRAWN; last_way = way; ans = exchange; ans_e = DRAWN; ans_eta = way;
       cmd = none; cmd_n = 0 }
  :: atomic { cmd == sign && cmd_eta == 0 && ans == none ->
       card = bound;
#ifdef TORN
       if :: !st -> st = true; st_n = last_n; st_e = last_e; st_way = last_way :: else fi;
#else
       st_n = last_n; st_e = last_e; st_way = last_way;
#endif
       ans = sign; ans_n = st_n; ans_e = st_e; ans_eta = way; cmd = none }
  :: atomic { cmd == exchange && cmd_eta == 0 && card != offered -> cmd = none; cmd_n = 0 }  /* 6985 */

  /* the answer reaches the near end */
  :: atomic { ans == exchange && ans_eta == 0 -> knows[ans_e] = true; ans = none; ans_e = 0 }
  :: atomic { ans == sign && ans_eta == 0 ->
       if :: ans_n > 0 -> has[AT(ans_n, ans_e)] = true :: else fi;     /* no other is of use */
       key = true; ans = none; ans_n = 0; ans_e = 0 }
  od }
init { run World() }
