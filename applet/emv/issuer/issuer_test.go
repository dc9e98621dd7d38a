package issuer_test

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/issuer"
	"tapbench/pcsc/tlv"
)

const pan, sequence = "9999990000000003", 1

// payment is a card's side of a transaction.
type payment struct {
	objects map[tlv.Tag][]byte
}

// pay makes an ARQC as a card of the keys does, with some objects changed before it is computed.
func pay(t testing.TB, keys issuer.Keys, atc uint16, change map[tlv.Tag][]byte) payment {
	t.Helper()
	iad := []byte{6, keys.Index, cryptogram.CVN18Byte, 3, 0xA0, 0, 0}
	switch keys.Scheme {
	case cryptogram.VersionCVN10:
		iad[2] = cryptogram.CVN10Byte
	case cryptogram.VersionCCD, cryptogram.VersionCCD3DES:
		iad = cryptogram.CCDIAD{
			TripleDES: keys.Scheme == cryptogram.VersionCCD3DES, KeyIndex: keys.Index,
		}.Encode()
	case cryptogram.VersionCVN18:
	}
	p := payment{objects: map[tlv.Tag][]byte{
		emv.TagAmount: {0, 0, 0, 0, 0x12, 0x34}, emv.TagAmountOther: make([]byte, 6),
		emv.TagCountry: {2, 0x76}, emv.TagTVR: make([]byte, 5), emv.TagCurrency: {9, 0x78},
		emv.TagDate: {0x26, 0x11, 0x21}, emv.TagTransactionType: {0}, emv.TagUN: {1, 2, 3, 4},
		emv.TagAIP: {0x39, 0}, emv.TagATC: binary.BigEndian.AppendUint16(nil, atc),
		emv.TagIAD: iad, emv.TagCID: {0x80},
	}}
	for tag, value := range change {
		p.objects[tag] = value
	}
	var d cryptogram.Data
	for _, tag := range []tlv.Tag{
		emv.TagAmount, emv.TagAmountOther, emv.TagCountry, emv.TagTVR, emv.TagCurrency, emv.TagDate,
		emv.TagTransactionType, emv.TagUN,
	} {
		d.Terminal = append(d.Terminal, p.objects[tag]...)
	}
	d.AIP, d.ATC = [2]byte(p.objects[emv.TagAIP]), [2]byte(p.objects[emv.TagATC])
	d.IAD = p.objects[emv.TagIAD]
	card, err := keys.Card(pan, sequence)
	if err != nil {
		t.Fatal(err)
	}
	ac, err := keys.Scheme.Compute(card.AC, d)
	if err != nil {
		ac = cryptogram.AC{}
	}
	p.objects[emv.TagCryptogram] = ac[:]
	return p
}

// request asks for 12.34 euros.
func (p payment) request() issuer.Request {
	q := issuer.Request{Amount: 1234, Currency: [2]byte{9, 0x78}, PAN: pan, Sequence: sequence}
	for tag, value := range p.objects {
		q.ICC = tlv.Append(q.ICC, tag, value)
	}
	return q
}

func newKeys(t testing.TB, scheme cryptogram.Scheme) issuer.Keys {
	t.Helper()
	keys, err := issuer.GenerateKeys(rand.Reader, scheme)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestRequestsThatCantBeRead(t *testing.T) {
	keys := newKeys(t, cryptogram.VersionCVN18)
	for name, tt := range map[string]struct {
		tag   tlv.Tag
		value []byte // nil: left out
	}{
		"no amount":         {emv.TagAmount, nil},
		"a short amount":    {emv.TagAmount, []byte{1}},
		"no number":         {emv.TagAmount, []byte{0, 0, 0, 0, 0, 0x0A}},
		"no TVR":            {emv.TagTVR, nil},
		"a long TVR":        {emv.TagTVR, make([]byte, 6)},
		"no cryptogram":     {emv.TagCryptogram, nil},
		"a short one":       {emv.TagCryptogram, make([]byte, 7)},
		"no AIP":            {emv.TagAIP, nil},
		"no ATC":            {emv.TagATC, nil},
		"no CID":            {emv.TagCID, nil},
		"no IAD":            {emv.TagIAD, nil},
		"an empty IAD":      {emv.TagIAD, []byte{}},
		"another version":   {emv.TagIAD, []byte{6, 1, 0x0A, 3, 0, 0, 0}},
		"another key index": {emv.TagIAD, []byte{6, 2, 0x12, 3, 0, 0, 0}},
		"format A":          {emv.TagIAD, cryptogram.CCDIAD{KeyIndex: 1}.Encode()},
		"too much":          {0x9F7C, make([]byte, 200)},
	} {
		p := pay(t, keys, 1, nil)
		if tt.value == nil {
			delete(p.objects, tt.tag)
		} else {
			p.objects[tt.tag] = tt.value
		}
		answer, err := issuer.New(issuer.Config{Keys: []issuer.Keys{keys}}).Authorise(p.request())
		if !errors.Is(err, issuer.ErrRequest) || answer.Approved() {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, icc := range map[string][]byte{
		"cut": {0x9F}, "twice": {0x82, 1, 0, 0x82, 1, 0}, "empty": nil,
	} {
		q := pay(t, keys, 1, nil).request()
		q.ICC = icc
		if _, err := issuer.New(issuer.Config{Keys: []issuer.Keys{keys}}).Authorise(q); !errors.Is(
			err, issuer.ErrRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	q := pay(t, keys, 1, nil).request()
	q.PAN = "1"
	if _, err := issuer.New(issuer.Config{Keys: []issuer.Keys{keys}}).Authorise(q); !errors.Is(
		err, cryptogram.ErrPAN) {
		t.Errorf("a digit for an account number: %v", err)
	}
}

func TestDeclines(t *testing.T) {
	keys := newKeys(t, cryptogram.VersionCVN18)
	for name, tt := range map[string]struct {
		config  issuer.Config
		objects map[tlv.Tag][]byte
		change  func(q *issuer.Request)
		bare    bool // the answer isn't authentic
	}{
		"wrong cryptogram": {change: func(q *issuer.Request) {
			i := bytes.Index(q.ICC, []byte{0x9F, 0x26, 8})
			q.ICC[i+3] ^= 1
		}, bare: true},
		"another card": {change: func(q *issuer.Request) { q.Sequence++ }, bare: true},
		"a changed TVR": {change: func(q *issuer.Request) {
			i := bytes.Index(q.ICC, []byte{0x95, 5})
			q.ICC[i+2] ^= 1
		}, bare: true},
		"amount":     {change: func(q *issuer.Request) { q.Amount++ }},
		"currency":   {change: func(q *issuer.Request) { q.Currency[1]++ }},
		"limit":      {config: issuer.Config{Limit: 1233}},
		"named":      {config: issuer.Config{Declined: []string{"9999990000000011", pan}}},
		"an AAC":     {objects: map[tlv.Tag][]byte{emv.TagCID: {0}}},
		"a TC":       {objects: map[tlv.Tag][]byte{emv.TagCID: {0x40}}},
		"zeroth ATC": {objects: map[tlv.Tag][]byte{emv.TagATC: {0, 0}}, bare: true},
	} {
		tt.config.Keys = []issuer.Keys{keys}
		q := pay(t, keys, 1, tt.objects).request()
		if tt.change != nil {
			tt.change(&q)
		}
		answer, err := issuer.New(tt.config).Authorise(q)
		if err != nil || answer.Approved() || (answer.IssuerAuth == nil) != tt.bare || answer.Why == "" {
			t.Errorf("%s: %+v, %v", name, answer, err)
		}
	}
}

func TestApproves(t *testing.T) {
	for _, scheme := range cryptogram.Schemes() {
		keys, other := newKeys(t, scheme), cryptogram.VersionCCD
		if scheme == other {
			other = cryptogram.VersionCVN10
		}
		bank := issuer.New(issuer.Config{
			Keys:  []issuer.Keys{newKeys(t, other), keys},
			Limit: 1234, Status: cryptogram.CSU{1: 0x08},
		})
		for _, atc := range []uint16{7, 7, 6, 8} {
			answer, err := bank.Authorise(pay(t, keys, atc, nil).request())
			if fresh := atc == 8 || answer.IssuerAuth != nil; err != nil || answer.Approved() != fresh {
				t.Fatalf("%v, transaction %d: %+v, %v", scheme, atc, answer, err)
			}
			if !answer.Approved() {
				continue
			}
			card, err := keys.Card(pan, sequence)
			if err != nil {
				t.Fatal(err)
			}
			p := pay(t, keys, atc, nil)
			said, err := scheme.CheckIssuerAuth(card.AC, [2]byte(p.objects[emv.TagATC]),
				cryptogram.AC(p.objects[emv.TagCryptogram]), answer.IssuerAuth)
			want := []byte{0, 0x8A, 0, 0}
			if scheme == cryptogram.VersionCVN10 {
				want = []byte("00")
			}
			if err != nil || !slices.Equal(said, want) {
				t.Errorf("%v: the card reads % X, %v", scheme, said, err)
			}
		}
	}
}

func TestChecksWhatWasApprovedOffline(t *testing.T) {
	keys := newKeys(t, cryptogram.VersionCCD)
	bank := issuer.New(issuer.Config{Keys: []issuer.Keys{keys}})
	q := pay(t, keys, 1, map[tlv.Tag][]byte{emv.TagCID: {0x40}}).request()
	if kind, err := bank.Check(q); kind != issuer.TC || err != nil {
		t.Errorf("%v, %v", kind, err)
	}
	q.Sequence++
	if _, err := bank.Check(q); !errors.Is(err, issuer.ErrCryptogram) {
		t.Errorf("another card's: %v", err)
	}
}

func TestScriptsAreSentOnce(t *testing.T) {
	keys := newKeys(t, cryptogram.VersionCVN18)
	first := issuer.Script{Orders: []issuer.Order{issuer.UnblockPIN()}}
	bank := issuer.New(issuer.Config{Keys: []issuer.Keys{keys}, Scripts: []issuer.Script{first}})
	second := issuer.Script{Before: true, ID: [4]byte{1, 2, 3, 4}, Orders: []issuer.Order{
		issuer.Block(), issuer.ChangePIN("123456"),
	}}
	if err := bank.Send(pan, sequence, second); err != nil {
		t.Fatal(err)
	}
	third := issuer.Script{Orders: append(second.Orders, issuer.Unblock())}
	if err := bank.Send(pan, sequence, third); !errors.Is(err, issuer.ErrScript) {
		t.Errorf("more than 128 bytes: %v", err)
	}
	answer, err := bank.Authorise(pay(t, keys, 1, nil).request())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	err = tlv.Walk(answer.Scripts, func(e tlv.Element, _ int) error {
		got = append(got, fmt.Sprintf("%v %X", e.Tag, e.Value[:min(len(e.Value), 5)]))
		return nil
	})
	want := []string{
		"71 9F18040102", "9F18 01020304", "86 841E000008", "86 8424000218", // sent first: they chain
		"72 860D842400", "86 8424000008",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	answer, err = bank.Authorise(pay(t, keys, 2, nil).request())
	if answer.Scripts != nil || err != nil {
		t.Errorf("sent again: % X, %v", answer.Scripts, err)
	}
}

func TestScriptsRefuse(t *testing.T) {
	keys := newKeys(t, cryptogram.VersionCVN18)
	bank := issuer.New(issuer.Config{Keys: []issuer.Keys{keys}})
	for name, order := range map[string]issuer.Order{
		"nothing": {}, "a PIN of 3": issuer.ChangePIN("123"), "long": issuer.PutData(1, make([]byte, 248)),
		"longer than an answer": issuer.PutData(1, make([]byte, 120)),
	} {
		err := bank.Send(pan, sequence, issuer.Script{Orders: []issuer.Order{order}})
		if !errors.Is(err, issuer.ErrScript) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := bank.Send("1", 0, issuer.Script{}); !errors.Is(err, cryptogram.ErrPAN) {
		t.Errorf("no account number: %v", err)
	}
}

func TestSecretsPrintMasked(t *testing.T) {
	keys := newKeys(t, cryptogram.VersionCVN10)
	raw := keys.Master.AC.Reveal()
	secrets := []string{fmt.Sprintf("%x", raw), fmt.Sprintf("%X", raw), fmt.Sprint(raw), "8642"}
	config := issuer.Config{Keys: []issuer.Keys{keys}, Scripts: []issuer.Script{
		{Orders: []issuer.Order{issuer.ChangePIN("8642")}},
	}}
	for _, v := range []any{keys, &keys, keys.Master, config, issuer.ChangePIN("8642")} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q"} {
			out := fmt.Sprintf(verb, v)
			for _, secret := range secrets {
				if strings.Contains(out, secret) {
					t.Errorf("%T with %s prints %s", v, verb, out)
				}
			}
		}
	}
}

func TestGenerateKeysNeedsRandomness(t *testing.T) {
	short := bytes.NewReader(make([]byte, 47))
	if _, err := issuer.GenerateKeys(short, cryptogram.VersionCCD); !errors.Is(
		err, io.ErrUnexpectedEOF) {
		t.Errorf("47 bytes: %v", err)
	}
}

// Whatever is sent, nobody without the keys gets an approval.
func FuzzAuthorise(f *testing.F) {
	keys := issuer.Keys{Scheme: cryptogram.VersionCVN18, Index: 1}
	keys.Master.AC[0] = 1
	good := pay(f, keys, 1, nil).request()
	f.Add(good.ICC)
	other := issuer.Keys{Scheme: cryptogram.VersionCVN18, Index: 1}
	other.Master.AC[0] = 0x80
	f.Fuzz(func(t *testing.T, icc []byte) {
		q := good
		q.ICC = icc
		answer, err := issuer.New(issuer.Config{Keys: []issuer.Keys{other}}).Authorise(q)
		if answer.Approved() || err == nil && answer.IssuerAuth != nil {
			t.Errorf("approved: % X", icc)
		}
	})
}
