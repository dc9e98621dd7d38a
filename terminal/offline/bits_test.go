package offline_test

import (
	"errors"
	"slices"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/terminal/offline"
)

// answerLen is the length of an encoded answer: token, interval, value, signature.
const answerLen = wire.TokenLen - 11 + 2 + wire.HashLen + wire.SignatureLen

// encode returns an answer's fields in their order.
func encode(a offline.Answer) []byte {
	raw := message.Encode(wire.SigToken, a.Token)[11:]
	raw = append(raw, a.From, a.To)
	raw = append(raw, a.Value[:]...)
	return append(raw, a.Signature[:]...)
}

// decode is the inverse of encode, for answerLen bytes.
func decode(t testing.TB, raw []byte) offline.Answer {
	t.Helper()
	var a offline.Answer
	const tokenLen = wire.TokenLen - 11
	var err error
	a.Token, err = message.Decode[message.Token](wire.SigToken,
		append(message.Prefix(wire.SigToken), raw[:tokenLen]...))
	must(t, err)
	rest := raw[tokenLen:]
	a.From, a.To = rest[0], rest[1]
	a.Value, a.Signature = message.Hash(rest[2:34]), message.Signature(rest[34:])
	return a
}

// field is a part of an encoded answer, and what may refuse a change of it.
type field struct {
	name  string
	bytes int
	want  []error
}

// fields are those of an answer, in their order.
func fields() []field {
	signed := []error{offline.ErrToken}
	chain := []error{offline.ErrChain}
	return []field{
		{"version", 1, []error{offline.ErrVersion}},
		{"issuer", 8, []error{offline.ErrIssuer}},
		{"epoch", 4, []error{offline.ErrExpired, offline.ErrClock, offline.ErrToken}},
		{"unit", 1, []error{offline.ErrUnit}},
		{"length", 1, []error{offline.ErrLength, offline.ErrInterval, offline.ErrToken}},
		{"key, its prefix", 1, signed},
		{"key, the seed tag", 8, chain},
		{"key, the rest", 56, signed},
		{"root", 32, chain},
		{"currency", 2, []error{offline.ErrCurrency}},
		{"per tap", 2, []error{offline.ErrPerTap, offline.ErrToken}},
		{"per token", 2, []error{offline.ErrPerToken, offline.ErrToken}},
		{"offline limit", 4, signed},
		{"taps", 1, signed},
		{"grace", 1, signed},
		{"token's signature", 64, signed},
		{"from", 1, []error{offline.ErrInterval, offline.ErrAmount}},
		{"to", 1, []error{offline.ErrInterval, offline.ErrAmount}},
		{"value", 32, chain},
		{"signature", 64, []error{offline.ErrStatement}},
	}
}

// TestBitsFlipped flips each bit of an answer: each is refused by name.
func TestBitsFlipped(t *testing.T) {
	s := newStand(t)
	v, raw := s.verifier(t), encode(s.answer(t))
	if len(raw) != answerLen {
		t.Fatalf("an answer has %d bytes, want %d", len(raw), answerLen)
	}
	at := 0
	for _, f := range fields() {
		for bit := at * 8; bit < (at+f.bytes)*8; bit++ {
			bent := slices.Clone(raw)
			bent[bit/8] ^= 1 << (bit % 8)
			_, err := v.Payment(s.request, decode(t, bent))
			if !slices.ContainsFunc(f.want, func(want error) bool { return errors.Is(err, want) }) {
				t.Errorf("%s: bit %d of byte %d: %v", f.name, bit%8, bit/8-at, err)
			}
		}
		at += f.bytes
	}
	if at != len(raw) {
		t.Errorf("fields of %d bytes, want %d", at, len(raw))
	}
}

// TestTicksFlipped flips each bit of a commitment's answer and of its first tick.
func TestTicksFlipped(t *testing.T) {
	s := newStand(t)
	s.metering()
	v, raw := s.verifier(t), encode(s.answer(t))
	value := len(raw) - wire.SignatureLen - wire.HashLen // which a commitment doesn't have
	for bit := range len(raw) * 8 {
		if at := bit / 8; at >= value && at < value+wire.HashLen {
			continue
		}
		bent := slices.Clone(raw)
		bent[bit/8] ^= 1 << (bit % 8)
		if _, err := v.Metering(s.request, decode(t, bent)); !refusedByName(err) {
			t.Errorf("bit %d of byte %d: %v", bit%8, bit/8, err)
		}
	}
	m := commit(t, s)
	for bit := range wire.HashLen * 8 {
		tick := s.value(t, 6)
		tick[bit/8] ^= 1 << (bit % 8)
		if err := m.Tick(tick); !errors.Is(err, offline.ErrTick) {
			t.Errorf("tick, bit %d: %v", bit, err)
		}
	}
}

// refusedByName says whether an error is one that a check gives.
func refusedByName(err error) bool {
	return slices.ContainsFunc(offline.Checks(), func(c offline.Check) bool {
		return slices.ContainsFunc(c.Refusals, func(want error) bool { return errors.Is(err, want) })
	})
}

// FuzzAnswer: nothing is accepted but what TSM and card have signed, and it claims just that.
func FuzzAnswer(f *testing.F) {
	s := newStand(f)
	genuine := encode(s.answer(f))
	f.Add(genuine, false)
	s.metering()
	f.Add(encode(s.answer(f)), true)
	f.Fuzz(func(t *testing.T, raw []byte, metered bool) {
		if len(raw) != answerLen {
			return
		}
		q := s.request
		a := decode(t, raw)
		if metered {
			m, err := s.verifier(t).Metering(q, a)
			if err == nil && (a.Token != s.token || m.Interval().From != 5 || m.Ticks() != 0) {
				t.Errorf("accepted units %v", m.Interval())
			}
			if err != nil && !refusedByName(err) {
				t.Errorf("refused without a name: %v", err)
			}
			return
		}
		q.Unit = 0
		_, err := s.verifier(t).Payment(q, a)
		if err == nil && !slices.Equal(raw, genuine) {
			t.Errorf("accepted %x", raw)
		}
		if err != nil && !refusedByName(err) {
			t.Errorf("refused without a name: %v", err)
		}
	})
}
