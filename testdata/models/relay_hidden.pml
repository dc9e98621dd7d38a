/* Who hides that a card takes part in the exchange against relays, and what finds him out.
   docs/relay.md, "What a terminal is told". The card is too far away: a relay that is measured and
   proven fails (relay.pml), so here the near end changes what the card says of itself. He may
     - clear the AIP's bit for the exchange, and its bits for data authentication (CDA; all of them)
     - answer the exchange himself, or let the card do it
   Cards: the bench's own, online (the ARQC covers the AIP, the tap signature the exchange) and by
   token (the statement covers the exchange, nothing covers the AIP); EMV cards online, and offline
   with CDA, which covers the exchange, and which fails if the certificate covers another AIP (9F4A).
   Claim (assert): no payment with such a card is accepted.
     default        --relay required, all cards                                             holds
     -DON           --relay on: a card that doesn't take part is taken. Not EMV cards that a terminal
                    takes offline: that one is -DON -DTC                                    holds
     -DON -DTC      an EMV card offline: its certificate is over another AIP, or the bits of its
                    authentication are hidden, too; and no action code minds                violated
     -DON -DTC -DDENY  action codes deny authentication that failed or that there isn't     holds
     -DON -DTC -DDENY -DNO82  and the certificate doesn't cover the AIP                     violated
     -DON -DAIPOUT  the ARQC doesn't cover the AIP                                          violated
     -DON -DTOKEN   as first written: a token that hides it is taken                        violated
     -DNOCDA        as first written: required, and an EMV card that signs nothing is taken violated */
mtype = { own, token, online, offline };
bool aip_relay = true, aip_cda = true;          /* as the terminal sees them: the card has both */

inline declined() { goto end }

proctype Tap() { mtype kind; bool measured = false;
  if
  :: kind = own :: kind = token :: kind = online
#if !defined(ON) || defined(TC)
  :: kind = offline
#endif
  fi;
  if :: aip_relay = false :: skip fi;           /* the near end's choices */
  if :: kind == online || kind == offline -> if :: aip_cda = false :: skip fi :: else fi;

  /* the terminal measures; the near end is in time only if he answers himself */
  if
  :: aip_relay -> if :: measured = true :: declined() fi
  :: else ->
#ifndef ON
     declined();
#elif !defined(TOKEN)
     if :: kind == token -> declined() :: else fi;
#endif
     skip
  fi;

  /* what proves it is about another exchange */
  if
  :: measured && (kind == own || kind == token || aip_cda) -> declined()
  :: measured && !(kind == own || kind == token || aip_cda) ->
#if !defined(ON) && !defined(NOCDA)
     declined();                                /* required: measured, and nothing signs it */
#endif
     skip
  :: else
  fi;

  /* what covers the AIP */
  if
  :: kind == own || kind == online ->           /* the issuer makes the ARQC again, over the AIP */
#ifndef AIPOUT
     if :: !aip_relay || !aip_cda -> declined() :: else fi;
#endif
     skip
  :: kind == offline && aip_cda ->
#if defined(DENY) && !defined(NO82)
     if :: !aip_relay -> declined() :: else fi; /* CDA failed: TVR byte 1 bit 3 */
#endif
     skip
  :: kind == offline && !aip_cda ->
#ifdef DENY
     declined();                                /* no data authentication: TVR byte 1 bit 8 */
#endif
     skip
  :: else
  fi;
  assert(false);                                /* accepted, and the card is somewhere else */
end: skip }
init { run Tap() }
