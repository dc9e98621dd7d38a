// Package personalise makes the card that a profile describes: it draws account number and keys,
// has the test CA certify them, and encodes answers and records.
//
//	card, err := personalise.Card(personalise.Config{
//		Profile: p, Authority: ca, Issuer: masterKeys,
//	})
//
// The issuer's RSA key is drawn with the card and forgotten: its certificate is on the card, and no
// other card needs it. The master keys stay the issuer's.
//
// It draws randomness and does nothing else that its arguments don't say.
//
// Sources: EMV 4.3 Book 1, 11.3 and 12 (selection), Book 2, 5 and 6 (certificates), Book 3, 7, 10.2
// and 10.3 (records, locator, signed data), annexes A and C; EMV Contactless Book B 2.6 (PPSE).
package personalise
