package emvcard

import (
	"encoding/binary"
	"slices"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/image"
)

// state is what a card remembers without power.
type state struct {
	blocked  bool // the whole card: SELECT answers 6A81
	accounts []account
}

// account is what an application remembers.
type account struct {
	blocked    bool   // SELECT answers 6283, each cryptogram is an AAC
	atc        uint16 // of the latest transaction
	lastOnline uint16 // 9F13: the ATC of the last one whose issuer was authentic
	online     bool   // it has been online: it isn't a new card
	offline    uint16 // consecutive transactions that were approved offline
	amount     uint64 // what they came to, in the currency of the limits
	flags      flags
	scripts    scripts
	tries      byte // left for the PIN; 9F17
	pin        [cryptogram.BlockLen]byte
	// objects are the values of image.Application.Objects, each as long as there. A value is
	// replaced, never written into.
	objects [][]byte
	// log are the entries, the oldest one at logged modulo their number; empty ones are nil at first
	// and as long as the format says then. An entry is replaced, never written into.
	log    [][]byte
	logged uint16 // how many entries were ever made, modulo 65,536 and a multiple of their number
}

// flags are what a transaction leaves for the next one's card verification results.
type flags byte

const (
	flagPending    flags = 1 << iota // an ARQC was given, and no second GENERATE AC came
	flagSDAFailed                    // offline authentication failed and the transaction was declined
	flagDDAFailed                    // the same, by DDA or CDA
	flagAuthFailed                   // the issuer's answer was wrong
	flagAuthAbsent                   // there was none, though the issuer was asked
	flagGoOnline                     // the issuer wants the next transaction online
)

// scripts count what the issuer's script commands came to.
type scripts struct {
	done   byte // with secure messaging and successful, 0 to 15
	failed bool
}

// set sets or clears a flag.
func (a *account) set(f flags, on bool) {
	a.flags &^= f
	if on {
		a.flags |= f
	}
}

// newState is that of a card as it is personalised.
func newState(card *image.Card) state {
	s := state{blocked: card.Blocked, accounts: make([]account, len(card.Applications))}
	for i := range s.accounts {
		a, from := &s.accounts[i], &card.Applications[i]
		a.blocked = from.Blocked
		if from.PIN != nil {
			a.tries = from.PIN.Tries
			// The digits were checked; PINBlock knows no other error.
			a.pin, _ = cryptogram.PINBlock(from.PIN.Digits)
		}
		for _, object := range from.Objects {
			a.objects = append(a.objects, object.Value)
		}
		if from.Log != nil {
			a.log = make([][]byte, from.Log.Entries)
			for j := range a.log {
				a.log[j] = make([]byte, dolLen(from.Log.Format))
			}
		}
	}
	return s
}

// clone returns a copy that can be changed: slices within slices are replaced, not written into.
func (s *state) clone() state {
	next := state{blocked: s.blocked, accounts: slices.Clone(s.accounts)}
	for i := range next.accounts {
		a := &next.accounts[i]
		a.objects, a.log = slices.Clone(a.objects), slices.Clone(a.log)
	}
	return next
}

// walker goes over the fields of a state: it reads all of them or writes all of them, in one order.
type walker struct {
	out  []byte // what was written
	in   []byte // what is still to be read
	read bool
}

func (w *walker) bytes(field *[]byte) {
	if !w.read {
		w.out = append(w.out, *field...)
		return
	}
	n := min(len(*field), len(w.in))
	*field = slices.Clone(w.in[:n])
	w.in = w.in[n:]
}

func (w *walker) number(n *uint64, size int) {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], *n)
	field := raw[8-size:]
	w.bytes(&field)
	copy(raw[8-size:], field)
	*n = binary.BigEndian.Uint64(raw[:])
}

func (w *walker) byte(b *byte) {
	n := uint64(*b)
	w.number(&n, 1)
	*b = byte(n)
}

func (w *walker) short(s *uint16) {
	n := uint64(*s)
	w.number(&n, 2)
	*s = uint16(n & 0xFFFF)
}

func (w *walker) flag(f *bool) {
	var b byte
	if *f {
		b = 1
	}
	w.byte(&b)
	*f = b != 0
}

// walk goes over all fields.
func (s *state) walk(w *walker) {
	w.flag(&s.blocked)
	for i := range s.accounts {
		s.accounts[i].walk(w)
	}
}

func (a *account) walk(w *walker) {
	w.flag(&a.blocked)
	w.short(&a.atc)
	w.short(&a.lastOnline)
	w.flag(&a.online)
	w.short(&a.offline)
	w.number(&a.amount, 8)
	w.byte((*byte)(&a.flags))
	w.byte(&a.scripts.done)
	w.flag(&a.scripts.failed)
	w.byte(&a.tries)
	pin := a.pin[:]
	w.bytes(&pin)
	copy(a.pin[:], pin)
	for i := range a.objects {
		w.bytes(&a.objects[i])
	}
	for i := range a.log {
		w.bytes(&a.log[i])
	}
	w.short(&a.logged)
}
