// Package denied keeps a terminal's copy of the TSM's deny list in a file, and brings it up to date
// when the TSM can be reached.
//
//	list, err := denied.Open(path, tsm, key) // no file yet: nothing can be taken offline
//	err = list.Sync(ctx, client)             // a whole list, or what has changed
//	held := list.Held()                      // for package offline's verifier
//
// The list itself is package denylist's.
package denied
