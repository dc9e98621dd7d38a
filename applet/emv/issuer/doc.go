// Package issuer is a test issuer of EMV cards: it derives a card's keys, checks the cryptogram of
// an authorisation request, answers with a response code and issuer authentication data, and sends
// scripts. It moves no money: the ledger's cards have their own issuer.
//
//	keys, err := issuer.GenerateEach(rand.Reader)
//	bank := issuer.New(issuer.Config{Keys: keys, Limit: 50_00})
//	err = bank.Send("9999991234567890", 1, issuer.Script{Orders: []issuer.Order{issuer.Unblock()}})
//	answer, err := bank.Authorise(issuer.Request{PAN: …, ICC: field55})
//
// A PIN that the cardholder has entered for the issuer comes with the request (package pinblock),
// and is checked against [PINs]: a wrong one is declined with 55, the fourth in a row with 75.
//
// What belongs together: [Keys] with their file, which [ParseFile] and [Encode] read and
// write; [Request] and [Answer]; [Script] and [Order]. An [Issuer] may be used by several
// goroutines. It remembers each card's last counter, its scripts and how many PINs were wrong for
// as long as it lives, and nothing more.
//
// Sources: EMV 4.3 Book 2, 8 (cryptograms, issuer authentication) and 9 (secure messaging); Book 3,
// 6.5 (commands of scripts), 10.9 and 10.10, annex A; Book 4, 12.1 (data of a request). What
// versions 10 and 18 compute: package cryptogram.
package issuer
