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
	stepLen   = prefixLen + wire.SeedTagLen + 1 + wire.HashLen
	// oneBlock is the longest input that SHA-256 takes in one block (FIPS 180-4, 5.1.1).
	oneBlock = 55
)

var _ [oneBlock - stepLen]struct{} // doesn't compile if a step takes a second block

// Seed is what the SE draws for one chain. It never leaves it.
type Seed [wire.HashLen]byte

// Chain is the SE's side of one token: checkpoints every [wire.CheckpointGap] indices down from n,
// 32 bytes each: 28 of them, 896 bytes, for n = 250. The lowest is above 0; w_0 is the token's.
type Chain struct {
	length      int
	key         message.PublicKey
	root        message.Hash
	checkpoints []message.Hash // w_n, w_{n-9}, ...
}

// NewChain computes a chain of n units under the SE's own key: n steps and one HMAC. It returns
// [ErrIndex] unless n is 1 to [wire.TokenUnits].
func NewChain(secret []byte, seed Seed, key message.PublicKey, n int) (Chain, error) {
	if n < 1 || n > wire.TokenUnits {
		return Chain{}, fmt.Errorf("%w: %d units, 1 to %d", ErrIndex, n, wire.TokenUnits)
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(message.Prefix(wire.MsgTokenSeed))
	mac.Write(seed[:])
	c := Chain{length: n, key: key}
	value := message.Hash(mac.Sum(nil))
	for i := n; i > 0; i-- {
		if (n-i)%wire.CheckpointGap == 0 {
			c.checkpoints = append(c.checkpoints, value)
		}
		value = walk(key, i, i-1, value)
	}
	c.root = value
	return c, nil
}

// Root returns w_0.
func (c Chain) Root() message.Hash { return c.root }

// Checkpoints returns how many values the SE keeps.
func (c Chain) Checkpoints() int { return len(c.checkpoints) }

// Value returns w_j for 1 <= j <= n, and how many hashes it took: at most 8.
func (c Chain) Value(j int) (value message.Hash, hashes int, err error) {
	if j < 1 || j > c.length {
		return message.Hash{}, 0, fmt.Errorf("%w: %d of %d", ErrIndex, j, c.length)
	}
	at := (c.length - j) / wire.CheckpointGap
	from := c.length - at*wire.CheckpointGap
	return walk(c.key, from, j, c.checkpoints[at]), from - j, nil
}

// CheckValue verifies that value is w_j of a token: j steps, at most 250. It returns [ErrIndex] or
// [ErrChain].
func CheckValue(t message.TokenFields, j int, value message.Hash) error {
	if j < 1 || j > int(t.Length) || t.Length > wire.TokenUnits {
		return fmt.Errorf("%w: %d of %d", ErrIndex, j, t.Length)
	}
	if walk(t.Key, j, 0, value) != t.Root {
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
	if walk(t.Key, j, j-1, value) != before {
		return fmt.Errorf("%w: at %d", ErrChain, j)
	}
	return nil
}

// walk goes from w_from down to w_to: w_{i-1} = SHA-256(type || label || seedtag || i || w_i),
// 52 bytes. The seed tag is the start of X of PK_t, so no two tokens share a chain's steps.
func walk(key message.PublicKey, from, to int, value message.Hash) message.Hash {
	var in [stepLen]byte
	in[0] = byte(wire.MsgTokenChain)
	copy(in[1:], wire.Label)
	copy(in[prefixLen:], key[1:1+wire.SeedTagLen])
	for i := from; i > to; i-- {
		in[prefixLen+wire.SeedTagLen] = byte(i)
		copy(in[prefixLen+wire.SeedTagLen+1:], value[:])
		value = sha256.Sum256(in[:])
	}
	return value
}
