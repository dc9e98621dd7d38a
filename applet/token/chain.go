package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// What can be wrong with a chain.
var (
	// ErrIndex means that an index lies outside the chain.
	ErrIndex = errors.New("index lies outside the token")
	// ErrChain means that a value isn't the chain's at that index.
	ErrChain = errors.New("value doesn't lead back to the token's root")
)

const (
	prefixLen = 1 + len(wire.Label)
	// StepLen is what one step of a chain hashes, 52 bytes: one block of SHA-256.
	StepLen = prefixLen + wire.SeedTagLen + 1 + wire.HashLen
	// SeedLen is what the HMAC that makes w_n hashes, 43 bytes.
	SeedLen = prefixLen + wire.HashLen
	// oneBlock is the longest input that SHA-256 takes in one block (FIPS 180-4, 5.1.1).
	oneBlock = 55
)

var _ [oneBlock - StepLen]struct{} // doesn't compile if a step takes a second block

// Seed is what the SE draws for one chain. It never leaves it.
type Seed [wire.HashLen]byte

// Last returns w_n, with which a chain begins: HMAC-SHA-256 under the SE's own key.
func Last(secret []byte, seed Seed) message.Hash {
	mac := hmac.New(sha256.New, secret)
	mac.Write(message.Prefix(wire.MsgTokenSeed))
	mac.Write(seed[:])
	return message.Hash(mac.Sum(nil))
}

// Checkpoints are what the SE keeps of a chain of n units: w_n, w_{n-9} and so on above w_0, which
// is the token's. Those that a shorter chain hasn't mean nothing.
type Checkpoints [wire.Checkpoints]message.Hash

// Extend takes a chain of n units from w_left, which is value, by at most steps steps towards w_0,
// keeps what lies on the way, and returns where it is then. It begins with n and [Last].
func (c *Checkpoints) Extend(
	key message.PublicKey, n, left uint8, value message.Hash, steps int,
) (uint8, message.Hash) {
	for ; steps > 0 && left > 0; steps-- {
		if d := n - left; n >= left && d%wire.CheckpointGap == 0 && n <= wire.TokenUnits {
			c[d/wire.CheckpointGap] = value
		}
		value = walk(key, left, left-1, value)
		left--
	}
	return left, value
}

// Value returns w_j of a chain of n units for 1 <= j <= n, and how many hashes it took: at most 8.
// It returns [ErrIndex] otherwise.
func (c *Checkpoints) Value(
	key message.PublicKey, n, j uint8,
) (value message.Hash, hashes int, err error) {
	if j < 1 || j > n || n > wire.TokenUnits {
		return message.Hash{}, 0, fmt.Errorf("%w: %d of %d", ErrIndex, j, n)
	}
	at := (n - j) / wire.CheckpointGap
	from := n - at*wire.CheckpointGap
	return walk(key, from, j, c[at]), int(from - j), nil
}

// Chain is the SE's side of one token, made at once.
type Chain struct {
	length      uint8
	key         message.PublicKey
	root        message.Hash
	checkpoints Checkpoints
}

// NewChain computes a chain of n units under the SE's own key: n steps and one HMAC. It returns
// [ErrIndex] unless n is 1 to [wire.TokenUnits].
func NewChain(secret []byte, seed Seed, key message.PublicKey, n int) (Chain, error) {
	if n < 1 || n > wire.TokenUnits {
		return Chain{}, fmt.Errorf("%w: %d units, 1 to %d", ErrIndex, n, wire.TokenUnits)
	}
	c := Chain{length: uint8(n), key: key}
	_, c.root = c.checkpoints.Extend(key, c.length, c.length, Last(secret, seed), n)
	return c, nil
}

// Root returns w_0.
func (c Chain) Root() message.Hash { return c.root }

// Value returns w_j for 1 <= j <= n, and how many hashes it took: at most 8.
func (c Chain) Value(j int) (value message.Hash, hashes int, err error) {
	if j < 1 || j > int(c.length) {
		return message.Hash{}, 0, fmt.Errorf("%w: %d of %d", ErrIndex, j, c.length)
	}
	return c.checkpoints.Value(c.key, c.length, uint8(j)) //nolint:gosec // at most 250
}

// CheckValue verifies that value is w_j of a token: j steps, at most 250. It returns [ErrIndex] or
// [ErrChain].
func CheckValue(t message.TokenFields, j int, value message.Hash) error {
	if j < 1 || j > int(t.Length) || t.Length > wire.TokenUnits {
		return fmt.Errorf("%w: %d of %d", ErrIndex, j, t.Length)
	}
	if walk(t.Key, uint8(j), 0, value) != t.Root { //nolint:gosec // at most 250
		return fmt.Errorf("%w: at %d", ErrChain, j)
	}
	return nil
}

// CheckNext verifies that value is w_j of a token whose w_{j-1} is known: one step. It returns
// [ErrIndex] or [ErrChain].
func CheckNext(t message.TokenFields, j int, value, before message.Hash) error {
	if j < 1 || j > int(t.Length) || t.Length > wire.TokenUnits {
		return fmt.Errorf("%w: %d of %d", ErrIndex, j, t.Length)
	}
	at := uint8(j) //nolint:gosec // at most 250
	if walk(t.Key, at, at-1, value) != before {
		return fmt.Errorf("%w: at %d", ErrChain, j)
	}
	return nil
}

// walk goes from w_from down to w_to: w_{i-1} = SHA-256(type || label || seedtag || i || w_i),
// 52 bytes. The seed tag is the start of X of PK_t, so no two tokens share a chain's steps.
func walk(key message.PublicKey, from, to uint8, value message.Hash) message.Hash {
	var in [StepLen]byte
	in[0] = byte(wire.MsgTokenChain)
	copy(in[1:], wire.Label)
	copy(in[prefixLen:], key[1:1+wire.SeedTagLen])
	for i := from; i > to; i-- {
		in[prefixLen+wire.SeedTagLen] = i
		copy(in[prefixLen+wire.SeedTagLen+1:], value[:])
		value = sha256.Sum256(in[:])
	}
	return value
}
