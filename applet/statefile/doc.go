// Package statefile keeps one state in one file: there whole or not at all after a power cut, and
// held by one process at a time. The emulator keeps its card in one, a terminal its journal.
//
//	f, err := statefile.Open(path, 1<<16) // ErrInUse while another process has it
//	state, err := f.Load()                // nil: no file yet
//	err = f.Commit(state)                 // on the disk when it returns
//	err = f.Close()
//
// It knows nothing of what is in the file: that it is ours is for its reader to find out.
//
// Sources: rename(2), fsync(2), flock(2).
package statefile
