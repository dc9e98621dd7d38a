package cryptogram_test

import (
	"slices"
	"testing"

	"tapbench/applet/emv/cryptogram"
)

// party is a card of a scheme, drawn at random, in one transaction.
type party struct {
	scheme cryptogram.Scheme
	keys   cryptogram.Keys
	ac     cryptogram.AC
	atc    [2]byte
	script cryptogram.Messaging
}

func newParty(t *testing.T, scheme cryptogram.Scheme, s *source, q *query) party {
	t.Helper()
	q.asked["scheme"] = scheme.String()
	_, pan, sequence := q.card(s)
	raw := q.put("keys", s.bytes(48))
	issuer := cryptogram.Keys{
		AC:  cryptogram.Key(raw),
		MAC: cryptogram.Key(raw[16:]), Encipher: cryptogram.Key(raw[32:]),
	}
	keys, err := scheme.Derive(issuer, pan, sequence)
	if err != nil {
		t.Fatal(err)
	}
	p := party{scheme: scheme, keys: keys}
	p.ac, p.atc = [8]byte(q.put("9f26", s.bytes(8))), [2]byte(q.put("9f36", s.bytes(2)))
	p.script = scheme.Messaging(keys, p.atc, p.ac)
	return p
}

// data draws what a cryptogram covers.
func (p party) data(s *source, q *query) cryptogram.Data {
	d := cryptogram.Data{ATC: p.atc}
	for _, f := range []struct {
		tag string
		n   int
	}{
		{"9f02", 6}, {"9f03", 6}, {"9f1a", 2}, {"95", 5}, {"5f2a", 2}, {"9a", 3}, {"9c", 1}, {"9f37", 4},
	} {
		d.Terminal = append(d.Terminal, q.put(f.tag, s.bytes(f.n))...)
	}
	d.AIP = [2]byte(q.put("82", s.bytes(2)))
	d.IAD = q.put("9f10", s.bytes(7+s.below(26)))
	return d
}

// schemes has all that a card and its issuer compute, by scheme.
func schemes(t *testing.T) []kind {
	t.Helper()
	must := func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var all []kind
	for scheme := cryptogram.VersionCVN10; scheme <= cryptogram.VersionCCD; scheme++ {
		add := func(name string, ask func(p party, s *source, q *query)) {
			all = append(all, kind{name, func(s *source, q *query) {
				ask(newParty(t, scheme, s, q), s, q)
			}})
		}
		add("cryptogram", func(p party, s *source, q *query) {
			ac, err := p.scheme.Compute(p.keys.AC, p.data(s, q))
			q.ours = must(ac[:], err)
		})
		add("issuer authentication", func(p party, s *source, q *query) {
			update, own := q.put("csu", s.bytes(p.scheme.UpdateLen())), q.put("own", nil)
			if p.scheme != cryptogram.VersionCVN10 {
				own = q.put("own", s.bytes(s.below(9)))
			}
			q.ours = must(p.scheme.IssuerAuth(p.keys.AC, p.atc, p.ac, update, own))
			said := must(p.scheme.CheckIssuerAuth(p.keys.AC, p.atc, p.ac, q.ours))
			if !slices.Equal(said, update) {
				t.Errorf("%v: the card reads % X, the issuer said % X", p.scheme, said, update)
			}
		})
		add("command", func(p party, s *source, q *query) {
			header, data := [5]byte(q.put("header", s.bytes(5))), q.put("data", s.bytes(s.below(40)))
			mac := p.script.Sign(header, data)
			q.ours = must(mac[:], p.script.Check(header, data, mac[:]))
		})
		add("data", func(p party, s *source, q *query) {
			data := q.put("data", s.bytes(s.below(40)))
			q.ours = p.script.Encipher(data)
			if got := must(p.script.Decipher(q.ours)); !slices.Equal(got, data) {
				t.Errorf("%v: % X comes back as % X", p.scheme, data, got)
			}
		})
		add("PIN change", func(p party, s *source, q *query) {
			pin, header := s.digits(4+s.below(9)), [5]byte{0x84, 0x24, 0, 2, 0x18}
			q.asked["pin"] = pin
			block := must(p.script.EncipherPIN(pin))
			mac := p.script.Sign(header, block)
			q.ours = slices.Concat(header[:], block, mac[:])
			if got, err := p.script.DecipherPIN(block); err != nil || got != pin {
				t.Errorf("%v: a PIN of %d digits comes back otherwise, %v", p.scheme, len(pin), err)
			}
		})
	}
	return all
}
