package pcapfile

import "fmt"

// FileError says where a file is wrong.
type FileError struct {
	// Packet is the number of the last packet that was begun, from 1, or 0 before the first.
	Packet int
	// Offset is that of the block or record, in bytes.
	Offset int64
	What   string
	Err    error // what caused it, or nil
}

// Error returns place and fault, such as "packet 3, byte 172: length says 12 bytes".
func (e *FileError) Error() string {
	text := fmt.Sprintf("byte %d: %s", e.Offset, e.What)
	if e.Packet > 0 {
		text = fmt.Sprintf("packet %d, %s", e.Packet, text)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }
