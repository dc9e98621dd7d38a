// Package entry finds the application that card and terminal use: it reads the card's directory, or
// tries the terminal's own applications one by one, and has one of those that both know selected.
//
//	list, err := entry.Find(ctx, session, entry.Terminal{Applications: …, Way: entry.Contactless})
//	for {
//		selected, err := list.Next(ctx) // a *NoApplicationError when none is left
//		…                               // a card that refuses this one: the next
//	}
//
// [KernelFor] says which kernel an application is for, as the entry point of a contactless terminal
// does: tapbench's own cards are package kernel's, all others package general's.
//
// What a card may send is bounded: [MaxCandidates] applications, 255 records of a directory. The
// package has no clock and no connection of its own; a [List] belongs to one goroutine.
//
// Sources: EMV 4.3 Book 1, 12 (application selection); EMV Contactless Book B 2.6, 3.3 (combination
// selection).
package entry
