// Package wallet is the Host of the papers: the phone's payment app. It drives the secure element
// and the TPM through phases 0 to 4 and talks to banks and the TSM. It owns no key of the
// protocol: keys and session keys live in the element, and all that is signed is made there.
//
//	w, err := wallet.New(wallet.Config{Folder: folder, SE: se, Attester: attester, …})
//	err = w.Open(ctx, wallet.OpenOptions{…})         // phases 0, 1 and 2, in person
//	err = w.Register(ctx, wallet.RegisterOptions{…}) // phase 3
//	n, err := w.Refill(ctx, 8)                       // phase 4
//	err = w.Arm(ctx, amount)                         // consent to one tap
//
// Words: a slot is a place in the element; a run is one pass through a phase. What the wallet
// remembers between commands is in one file of its folder ([Folder]): which bank and TSM belong to
// which slot, and the pairing key. A Wallet belongs to one goroutine.
//
// Package plan says what it does by itself, and when; starter measures it before it starts. The
// packages repairs and rollback hold tests alone.
package wallet
