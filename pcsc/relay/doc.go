// Package relay stands between a program and a card: it lays on a virtual reader what lies on
// another one, and passes every command and every answer on. What passes can be recorded, whichever
// program it is and whatever it is written in.
//
//	program ── private pcscd ── virtual reader ── Run ── the other reader ── card
//
//	err := relay.Run(ctx, relay.Config{
//		Source: relay.NewReader(client, "ACS ACR122U PICC Interface 00 00"),
//		Dial:   func(ctx context.Context) (net.Conn, error) { return d.DialSlot(ctx, 0) },
//		Record: func(card pcsc.Card) (relay.Journal, error) {
//			return trace.NewRecorder(card, file, trace.Options{Redact: redact})
//		},
//	})
//
// # What is passed on
//
//   - C-APDUs and R-APDUs, byte for byte, with up to [vpcd.MaxPayload] bytes each.
//   - The answer to reset. The virtual reader's questions for it, several a second, are answered
//     from memory.
//   - Resets. Taking the card's power is passed on as a reset too, once power comes back, and only if
//     the card was used since the last one.
//   - Removal and insertion. A card that doesn't answer any more leaves the virtual reader as well.
//
// # What isn't
//
// Commands to the reader (SCardControl, features such as a PIN pad, the colour of its lights), its
// attributes, and T=0 as such: the virtual reader moves whole APDUs, and the other reader's service
// speaks T=0 or T=1 with the card. Pseudo-APDUs of class FF reach the other reader like commands.
// The second slot of the virtual reader stays empty.
//
// A [Seat] belongs to one goroutine at a time, as every card does; Run to the one that calls it.
package relay
