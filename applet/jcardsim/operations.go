package jcardsim

import (
	"encoding/binary"
	"fmt"

	"tapbench/pcsc/link"
)

// operationKind is what the applet has asked of the platform; the numbers are the tearing agent's.
type operationKind byte

const (
	operationSign operationKind = iota
	operationVerify
	operationAgree
	operationKeyPair
	operationKeySet
	operationHash
	operationCipherInit
	operationCipher
	operationRandom
	operationStore
	operationReference
	operationCommit
)

// Work returns what the applet has asked of the platform since the last call, counted where it
// calls it; the first call begins to count. The machine must run the tearing agent ([Torn]);
// without it, it ends.
//
// The applet makes its MACs of AES, so that they are among the ciphers. A private key that takes
// its place is written before the transaction and is two references in it: it counts as its 32
// bytes.
func (c *Card) Work() (w link.Work, err error) {
	err = c.ask(opCount, nil, func(raw []byte) error {
		var err error
		w, err = parseWork(raw)
		return err
	})
	return w, err
}

// parseWork adds operations, kind [1] || bytes [2] each.
func parseWork(raw []byte) (w link.Work, err error) {
	const length = 3
	for ; len(raw) > 0; raw = raw[length:] {
		if len(raw) < length {
			return link.Work{}, fmt.Errorf("%w: %d bytes of an operation", errPipe, len(raw))
		}
		kind, n := operationKind(raw[0]), int(binary.BigEndian.Uint16(raw[1:]))
		if !addKeyOperation(&w, kind, n) && !addOperation(&w, kind, n) {
			return link.Work{}, fmt.Errorf("%w: operation of kind %d", errPipe, kind)
		}
	}
	return w, nil
}

// addKeyOperation adds one that an EC key makes, with n bytes; it says whether it is one.
func addKeyOperation(w *link.Work, kind operationKind, n int) bool {
	switch kind {
	case operationSign:
		w.Signatures++
		w.Hash(n)
	case operationVerify:
		w.Verifications++
		w.Hash(n)
	case operationAgree:
		w.Agreements++
	case operationKeyPair:
		w.KeyPairs++
	case operationKeySet:
		w.KeysSet++
	default:
		return false
	}
	return true
}

// addOperation adds one of the others.
func addOperation(w *link.Work, kind operationKind, n int) bool {
	const (
		block     = 16
		reference = 32 / 2 // of a private key's bytes
	)
	switch kind {
	case operationHash:
		w.Hash(n)
	case operationCipherInit:
		w.Ciphers++
	case operationCipher:
		w.CipherBlocks += n / block
	case operationRandom:
		w.Random += n
	case operationStore:
		w.Written += n
	case operationReference:
		w.Written += reference
	case operationCommit:
		w.Transactions++
	default:
		return false
	}
	return true
}
