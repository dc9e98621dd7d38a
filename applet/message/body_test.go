package message_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func sig(first byte) message.Signature { return message.Signature(filled(first, 64)) }

// layout is one body with the fields that PROTOCOL.md lists, in their order.
type layout struct {
	name  string
	got   []byte
	parts [][]byte
}

func layouts(t *testing.T) []layout {
	sigA, kem := public(t, "aid sign"), public(t, "aid kem")
	user, nonce := message.UserID([]byte(userName)), message.Nonce(filled(0x20, 16))
	th32 := filled(0x90, 32)
	cert := [158]byte(filled(0x11, 158))
	x := accountKeys(t)
	xBytes := join(x.Bank[:], x.User[:], x.SE[:], x.Account[:], x.Sign[:], x.KEM[:], x.Nonce[:],
		unhex(t, "000000000000c350"), unhex(t, "00000b4c"))
	s1, s2, s3 := sig(1), sig(2), sig(3)
	limit, expiry := unhex(t, "0102030405060708"), unhex(t, "0a0b0c0d")
	const l, e = 0x0102030405060708, 0x0a0b0c0d
	return []layout{
		{"aid-req", message.Encode(wire.MsgAIDRequest, message.AIDRequest{
			User: user, Nonce: nonce, MAC: [16]byte(filled(7, 16)), Signature: s1,
		}), [][]byte{{0x20}, []byte(wire.Label), user[:], nonce[:], filled(7, 16), s1[:]}},
		{"aid-rep", message.Encode(wire.MsgAIDReply, message.AIDReply{
			Offer: message.AIDOffer{
				Session: message.SessionID(filled(1, 16)), Account: message.AccountID(filled(2, 16)),
				Nonce: nonce, Limit: l, Expiry: e,
			}, Signature: s1,
		}), [][]byte{
			{0x21}, []byte(wire.Label), filled(1, 16), filled(2, 16), nonce[:], limit, expiry, s1[:],
		}},
		{"aid-keys", message.Encode(wire.MsgAIDKeys, message.AIDKeys{
			X: x, Pop: s1, Certificate: cert, Key: s2, Bind: s3,
		}), [][]byte{{0x22}, []byte(wire.Label), xBytes, s1[:], cert[:], s2[:], s3[:]}},
		{"aid-grant", message.Encode(wire.MsgAIDGrant, message.AIDGrant{
			Account: x.Account, Expiry: e, Limit: l, Certificate: s1, Signature: s2,
		}), [][]byte{{0x27}, []byte(wire.Label), x.Account[:], expiry, limit, s1[:], s2[:]}},
		{"aid-close", message.Encode(wire.MsgAIDClose, message.AIDClose{Signature: s1}), [][]byte{
			{0x2A}, []byte(wire.Label), s1[:],
		}},
		{"tid-close", message.Encode(wire.MsgTIDClose, message.TIDClose{Signature: s1}), [][]byte{
			{0x3B}, []byte(wire.Label), s1[:],
		}},
		{"tid-reg", message.Encode(wire.MsgTIDRegister, message.TIDRegister{
			Sign: sigA, KEM: kem, Signature: s1,
		}), [][]byte{{0x30}, []byte(wire.Label), sigA[:], kem[:], s1[:]}},
		{"tsminfo", message.Encode(wire.MsgTSMINFO, message.TSMINFO{
			Bank: party(bankName), NonceSE: nonce, Limit: l, Expiry: e, Rho: message.Hash(th32),
			BINFO: message.Hash(filled(5, 32)), Signature: s1,
		}), [][]byte{
			{0x34},
			[]byte(wire.Label), []byte(bankName), nonce[:], limit, expiry, th32,
			filled(5, 32), s1[:],
		}},
		{"tid-status", message.Encode(wire.MsgTIDStatus, message.TIDStatus{
			Handle: message.Handle(filled(9, 16)), AuthSignature: s1, TSMBINFO: message.Hash(th32),
			Status: 1, Expiry: e, Limit: l, Signature: s2,
		}), [][]byte{
			{0x37}, []byte(wire.Label), filled(9, 16), s1[:], th32, {1}, expiry, limit, s2[:],
		}},
		{"card-req", message.Encode(wire.MsgCardRequest, message.CardRequest{
			Key: kem, Kind: wire.CardUntilExpiry, Roll: s1, Pop: s2,
		}), [][]byte{{0x40}, []byte(wire.Label), kem[:], {0x01}, s1[:], s2[:]}},
		{"card-put", message.Encode(wire.MsgCardPut, message.CardPut{
			PAN: testPAN, Expiration: [3]byte{0x26, 0x12, 0x31}, Sequence: 1,
			Class: message.Class{
				Limit: [6]byte{5: 1}, Currency: [2]byte{9, 0x78}, Expiry: e, Kind: wire.CardUntilExpiry,
			},
			Signature: s1, MasterKey: [16]byte(filled(3, 16)),
		}), [][]byte{
			{0x43},
			[]byte(wire.Label), testPAN[:],
			{0x26, 0x12, 0x31},
			{1},
			{0, 0, 0, 0, 0, 1},
			{9, 0x78},
			expiry,
			{0x01},
			s1[:], filled(3, 16),
		}},
	}
}

func TestLayouts(t *testing.T) {
	for _, row := range layouts(t) {
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(join(row.parts...), row.got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestBINFOLayout(t *testing.T) {
	f := message.Funding{
		Session: message.SessionID(filled(1, 16)), TSM: party(tsmName), Bank: party(bankName),
		NonceBank: message.Nonce(filled(2, 16)), NonceSE: message.Nonce(filled(3, 16)),
		Commitment: message.Hash(filled(4, 32)), Limit: 1, Expiry: 2,
	}
	funding := join(filled(1, 16), []byte(tsmName), []byte(bankName), filled(2, 16), filled(3, 16),
		filled(4, 32), unhex(t, "0000000000000001"), unhex(t, "00000002"))
	s1, s2 := sig(1), sig(2)
	inner := message.Encode(wire.MsgBINFO, message.BINFO{
		Funding: f, Evidence: message.Hash(filled(5, 32)), Account: message.AccountID(filled(6, 16)),
		Certificate: s1, Signature: s2,
	})
	want := join([]byte{0x32}, []byte(wire.Label), funding, filled(5, 32), filled(6, 16), s1[:], s2[:])
	if diff := cmp.Diff(want, inner); diff != "" {
		t.Errorf("BINFO (-want +got)\n%s", diff)
	}
	m := message.TSMBINFO{Funding: f, NonceTSM: message.Nonce(filled(7, 16)), Signature: s1}
	m.BINFO = message.Hash(filled(8, 32))
	want = join([]byte{0x35}, []byte(wire.Label), funding, filled(7, 16), filled(8, 32), s1[:])
	if got := m.Sum(); got != sha256.Sum256(want) {
		t.Errorf("TSMBINFO's hash covers other bytes than %x", want)
	}
}

func TestDecode(t *testing.T) {
	body := message.CardRequest{Key: public(t, "card"), Roll: sig(1), Pop: sig(2)}
	good := message.Encode(wire.MsgCardRequest, body)
	otherLabel := bytes.Clone(good)
	otherLabel[len(wire.Label)] ^= 1
	for _, row := range []struct {
		name string
		raw  []byte
	}{
		{"nothing", nil},
		{"another type", message.Encode(wire.MsgRoll, body)},
		{"another label", otherLabel},
		{"a byte is missing", good[:len(good)-1]},
		{"a byte too many", append(bytes.Clone(good), 0)},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := message.Decode[message.CardRequest](wire.MsgCardRequest, row.raw)
			if !errors.Is(err, message.ErrLayout) {
				t.Errorf("got %v, want ErrLayout", err)
			}
		})
	}
	got, err := message.Decode[message.CardRequest](wire.MsgCardRequest, good)
	if err != nil || got != body {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestTranscript(t *testing.T) {
	th := message.NewTranscript(3, wire.RoleTSM, wire.RoleBank, party(bankName))
	want := sha256.Sum256(join([]byte(wire.Label), []byte{3, 3, 2}, []byte(bankName)))
	if th != want {
		t.Errorf("th_0: got %x, want %x", th, want)
	}
	if next := th.Next([]byte("m")); next != sha256.Sum256(join(th[:], []byte("m"))) {
		t.Errorf("th_1: got %x", next)
	}
	for name, other := range map[string]message.Transcript{
		"phase":     message.NewTranscript(2, wire.RoleTSM, wire.RoleBank, party(bankName)),
		"initiator": message.NewTranscript(3, wire.RoleUser, wire.RoleBank, party(bankName)),
		"responder": message.NewTranscript(3, wire.RoleTSM, wire.RoleTSM, party(bankName)),
		"ID":        message.NewTranscript(3, wire.RoleTSM, wire.RoleBank, party("BANK-B  ")),
	} {
		if other == th {
			t.Errorf("th_0 doesn't depend on the %s", name)
		}
	}
}
