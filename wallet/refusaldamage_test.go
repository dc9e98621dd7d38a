package wallet_test

import (
	"bytes"
	"crypto/elliptic"
	"encoding/binary"
	"fmt"
	"math/big"
	"reflect"

	"tapbench/applet/message"
)

// A leaf is one field of a message's plaintext, by its place.
type leaf struct {
	name      string
	at, n     int
	signature bool
}

// leaves lists the fields of a struct of fixed-length fields, structs within it field by field.
// The first one begins at offset at.
func leaves(body any, at int) []leaf {
	return walkLeaves(reflect.TypeOf(body), "", at)
}

func walkLeaves(t reflect.Type, name string, at int) []leaf {
	if t.Kind() != reflect.Struct {
		return []leaf{{
			name: name, at: at, n: binary.Size(reflect.Zero(t).Interface()),
			signature: t == reflect.TypeFor[message.Signature](),
		}}
	}
	var out []leaf
	for i := range t.NumField() {
		field := t.Field(i)
		inner := field.Name
		if name != "" {
			inner = name + "." + inner
		}
		found := walkLeaves(field.Type, inner, at)
		out = append(out, found...)
		last := found[len(found)-1]
		at = last.at + last.n
	}
	return out
}

// of returns the leaf's bytes.
func (l leaf) of(plain []byte) []byte { return plain[l.at : l.at+l.n] }

// with returns a copy of plain with other bytes in the leaf's place.
func (l leaf) with(plain, value []byte) []byte {
	out := bytes.Clone(plain)
	copy(l.of(out), value)
	return out
}

// A row is one damaged message.
type row struct {
	leaf, damage string
	raw          []byte
	genuine      int // length of the genuine message
}

// Names that reasons depend on.
const (
	asSent       = "as sent"
	anotherUsers = "another user's"
	anOlderRuns  = "an older run's"
	firstBit     = "first bit flipped"
)

// String names the row.
func (r row) String() string { return fmt.Sprintf("%s: %s", r.leaf, r.damage) }

// isForeign says that the row is a genuine message of another run.
func (r row) isForeign() bool { return r.damage == anotherUsers || r.damage == anOlderRuns }

// flips are the damages of a run of bytes that keep its length.
func flips(b []byte) map[string][]byte {
	if len(b) == 0 {
		return nil
	}
	first, last := bytes.Clone(b), bytes.Clone(b)
	first[0] ^= 0x80
	last[len(last)-1] ^= 1
	return map[string][]byte{firstBit: first, "last bit flipped": last}
}

// lengths are the damages that change a message's length.
func lengths(b []byte) map[string][]byte {
	return map[string][]byte{
		"a byte cut off": bytes.Clone(b[:len(b)-1]),
		"a byte more":    append(bytes.Clone(b), 0),
		"empty":          {},
	}
}

// highS returns the other valid form of a signature, s' = n - s.
func highS(sig []byte) []byte {
	s := new(big.Int).SetBytes(sig[32:])
	s.Sub(elliptic.P256().Params().N, s)
	out := bytes.Clone(sig)
	s.FillBytes(out[32:])
	return out
}
