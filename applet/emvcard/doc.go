// Package emvcard is an EMV payment card with a triple DES or AES issuer and RSA, as a
// pcsc.Processor: what it holds is an image, how it answers is ../EMV.md.
//
//	card, err := emvcard.New(emvcard.Config{Image: image, Store: store})
//	if err != nil { … } // ErrImage, saved.ErrForeign
//	session := pcsc.NewSession(pcsc.NewDirect(card))
//
// [NewBlank] makes a contactless card that is still to be personalised, by STORE DATA, and that
// keeps its image beside its state.
//
// A command is a row of a table: where it is known, its checks in their order, and what it does to
// the session and to a copy of the state. Whatever it has changed of the copy is committed in one
// step before the answer leaves.
//
// It knows nothing of the anonymous protocol; that card is the emulator's. The packages below:
// image is a card as data, profile reads what people write about one, personalise makes the one
// from the other, storedata is the form of a personalisation by commands, and issue sends them.
//
// Sources: EMV 4.3 Books 1 to 3; EMV Contactless Book B 2.6; EMV Contactless Book C-2 2.6 (relay
// resistance).
package emvcard
