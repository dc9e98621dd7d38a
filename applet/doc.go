// Package applet is the host's side of the secure element: one typed method per command of
// PROTOCOL.md, over a [pcsc.Session]. Whether an emulator, a Java Card or a card on a real reader
// answers makes no difference here.
//
//	se := applet.NewClient(pcsc.NewSession(card))
//	if err := se.Select(ctx); err != nil { … }       // ErrNotOurCard: another card lies there
//	if err := se.Authenticate(ctx, pairing); err != nil { … }
//	request, err := se.AIDRequest(ctx, slot)
//
// Words: a slot is the place of one bank account, TSM account or virtual card in the element; the
// pairing key is what wallet and element agreed on at personalisation. Refusals are errors of this
// package that wrap the *apdu.StatusError; transport failures pass through as they are. A Client
// belongs to one goroutine, as its session does.
//
// It holds no key of the element and makes no decision. The room's other packages:
//
//   - wire: every constant of the interface; wire/gen writes what is derived of it, wire/cardlife
//     is the life of a card as a table.
//   - message: the protocol's messages, their signatures and seals.
//   - token: the hash chains of offline tokens, their classes and intervals.
//   - emv: the data of the EMV commands; emv/oda certifies and signs with RSA, emv/cryptogram
//     computes as plastic cards do, emv/pinblock carries a PIN to an issuer, and emv/issuer answers
//     them.
//   - derived: files that are made from Go, kept fresh.
//   - jsonfile: strict reading of JSON that people write.
//   - emulator: the reference element; javacard has the applet in Java, jcardsim runs it.
//   - saved: an element's state as bytes, the same for both.
//   - cardlog: the log line of a card in memory.
//   - statefile: a state in a file, whole or not at all; statefile/bound takes no older copy.
//   - emvcard: a card as other issuers' are, in Go. emvcard/profile says what a card is to be
//     (emvcard/profile/gen writes its schema and tables), emvcard/authority is a test CA,
//     emvcard/personalise makes the card, emvcard/seed the same one each time, emvcard/image is what
//     it holds, as data, and emvcard/kept keeps it in a file.
//   - decode, redact, tap, compare, budget: what a recorded dialogue says, hides, holds and costs.
//   - conformance: what every element must answer, for any card; applettest runs it in tests.
//   - emvcard/storedata: how commands personalise a contactless card; emvcard/issue does it;
//     emvtwintest: asks the Go card and the Java Card the same.
//   - twintest: asks emulator and applet the same by chance, and wants the same bytes.
package applet
