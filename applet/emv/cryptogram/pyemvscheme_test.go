package cryptogram_test

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tapbench/applet/emv/cryptogram"
)

// party is a card of a scheme, drawn at random, in one transaction.
type party struct {
	scheme cryptogram.Scheme
	keys   cryptogram.Keys
	ac     cryptogram.AC
	atc    [2]byte
	script *cryptogram.Messaging
	card   *cryptogram.Messaging // the other side
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
	mac := cryptogram.MinMAC + s.below(cryptogram.MaxMAC-cryptogram.MinMAC+1)
	q.asked["mac"] = strconv.Itoa(mac)
	p.script = scheme.Messaging(keys, p.atc, p.ac, mac)
	p.card = scheme.Messaging(keys, p.atc, p.ac, mac)
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
	for _, scheme := range cryptogram.Schemes() {
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
		add("commands", func(p party, s *source, q *query) { q.ours = p.commands(t, s, q) })
		add("data", func(p party, s *source, q *query) {
			data := q.put("data", s.bytes(s.below(40)))
			q.ours = p.script.Encipher(data)
			if got := must(p.script.Decipher(q.ours)); !slices.Equal(got, data) {
				t.Errorf("%v: % X comes back as % X", p.scheme, data, got)
			}
		})
	}
	return all
}

// commands draws the commands of a script, has the issuer secure them and the card open them, and
// returns them one after the other.
func (p party) commands(t *testing.T, s *source, q *query) (all []byte) {
	t.Helper()
	q.asked["pin"] = s.digits(4 + s.below(9))
	pin, err := p.script.PINData(q.asked["pin"])
	if err != nil {
		t.Fatal(err)
	}
	var sent []string
	for range 1 + s.below(4) {
		c := cryptogram.Message{CLA: 0x80, INS: 0x24, P2: 2, Data: pin, Secret: true}
		switch s.below(3) {
		case 0:
			c = cryptogram.Message{CLA: 0x80, INS: 0x1E}
		case 1:
			n := []int{1 + s.below(40), 120 + s.below(116)}[s.below(8)/7]
			c = cryptogram.Message{INS: 0xDA, P1: 0x9F, P2: 0x50, Data: s.bytes(n)}
		}
		raw, err := p.script.Seal(c)
		if err != nil {
			t.Fatal(err)
		}
		data, err := p.card.Open([5]byte(raw), raw[5:], c.Secret)
		if err != nil || !slices.Equal(data, c.Data) {
			t.Errorf("%v: %d bytes come back as %d, %v", p.scheme, len(c.Data), len(data), err)
		}
		if c.Secret {
			if got, err := p.card.ReadPIN(data); err != nil || got != q.asked["pin"] {
				t.Errorf("%v: a PIN comes back otherwise, %v", p.scheme, err)
			}
		}
		mac, _ := strconv.Atoi(q.asked["mac"])
		if n := p.scheme.FieldLen(len(c.Data), c.Secret, mac); n != len(raw)-5 {
			t.Errorf("%v: field of %d bytes, said were %d", p.scheme, len(raw)-5, n)
		}
		sent, all = append(sent, hex.EncodeToString(raw)), append(all, raw...)
	}
	q.asked["commands"] = strings.Join(sent, " ")
	return all
}
