// Package dossier opens a kept bench: it says who its parties are, which files are whose, and takes
// the secrets from those who have them. It decides nothing; what it reads goes to package audit.
//
//	bench, err := dossier.Open(ctx, "bench")
//	report, err := audit.Run(ctx, bench.Bench)
//
// Below the bench's folder, a party NAME of the test PKI has:
//
//	pki/NAME/             its keys and what it knows of its peers
//	NAME.db               its store, column by column and as a file
//	received/NAME.jsonl   what it was sent (package received)
//	logs/NAME.log         its log
//	a folder with a journal or with claims    the merchant's terminal
//	a folder with a file named wallet.json   the wallet's
//
// The secure element (card.state), the TPM and what everybody may read (pki/public) belong to none
// of them. End the bench's processes first.
package dossier
