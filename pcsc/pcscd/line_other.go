//go:build cgo && !linux

package pcscd

// line does nothing here: an exchange can't be broken off.
type line struct{}

func (*line) hangUp() {}
func (*line) close()  {}

func serviceSockets(string) map[uint64]int         { return nil }
func holdNew(map[uint64]int, map[uint64]int) *line { return nil }
