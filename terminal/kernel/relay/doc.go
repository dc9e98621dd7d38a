// Package relay judges how far away a card is: by the time that it takes to answer EXCHANGE RELAY
// RESISTANCE DATA (EMV Contactless Book C-2, version 2.6). Who passes a card's commands on from
// another place adds time.
//
//	said, verdict, err := relay.Meter{Now: …, Rand: …, Send: …}.Exchange()
//	if verdict.Far() { … }  // again, at most Tries times in all
//
// The time is the whole exchange's, by the terminal's clock. What the terminal expects command and
// answer to be on their way is taken off; what is left has to lie between what the card says of
// itself, give or take a grace. What was said must be proven by the card's signature afterwards:
// the package doesn't do that.
package relay
