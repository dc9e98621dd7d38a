package emv

import "fmt"

// AnyPAN is the account number of any issuer's card, 8 to 19 digits (ISO/IEC 7812-1:2006, 4). As a
// [PAN] does, it prints with its last four digits alone, whatever the verb.
type AnyPAN string

// String returns the number masked.
func (p AnyPAN) String() string { return MaskPAN(string(p)) }

// GoString returns what String does.
func (p AnyPAN) GoString() string { return p.String() }

// Format writes what String returns.
func (p AnyPAN) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(p.String())) }

// MarshalText returns what String does.
func (p AnyPAN) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Reveal returns the digits.
func (p AnyPAN) Reveal() string { return string(p) }
