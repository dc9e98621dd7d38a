// Package terminaltest stands in for what a terminal meets: an [Issuer] that certifies, issues
// cards and decides, a [Card] that behaves as PROTOCOL.md says until a test has it do otherwise,
// and a [Disk] on which power fails.
//
//	issuer := terminaltest.NewIssuer(t, now)
//	card := issuer.Card(t)
//	outcome, err := k.Pay(ctx, pcsc.NewDirect(card), issuer.Host(), purchase)
//
// The card keeps no states but those of one tap, and the issuer's books are maps: the real ones are
// in applet/emulator and backend/tsm.
package terminaltest
