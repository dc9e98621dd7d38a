package message_test

import (
	"bytes"
	"errors"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// FuzzDecode: what decodes as a type encodes to the same bytes, and nothing else decodes.
func FuzzDecode(f *testing.F) {
	f.Add(byte(wire.MsgAIDRequest), message.Encode(wire.MsgAIDRequest, message.AIDRequest{}))
	f.Add(byte(wire.MsgAIDGrant), message.Encode(wire.MsgAIDGrant, message.AIDGrant{Limit: 1}))
	f.Add(byte(wire.MsgTIDStatus), message.Encode(wire.MsgTIDStatus, message.TIDStatus{Status: 1}))
	f.Add(byte(wire.MsgCardPut), message.Encode(wire.MsgCardPut, message.CardPut{Sequence: 1}))
	f.Add(byte(wire.MsgBINFO), []byte("\x32tapbench/1"))
	f.Fuzz(func(t *testing.T, mt byte, raw []byte) {
		var check func(*testing.T, wire.MessageType, []byte)
		switch wire.MessageType(mt) {
		case wire.MsgAIDReply:
			check = identity[message.AIDReply]
		case wire.MsgAIDKeys:
			check = identity[message.AIDKeys]
		case wire.MsgAIDGrant:
			check = identity[message.AIDGrant]
		case wire.MsgTIDRegister:
			check = identity[message.TIDRegister]
		case wire.MsgBINFO:
			check = identity[message.BINFO]
		case wire.MsgTSMINFO:
			check = identity[message.TSMINFO]
		case wire.MsgTIDStatus:
			check = identity[message.TIDStatus]
		case wire.MsgAIDClose:
			check = identity[message.AIDClose]
		case wire.MsgTIDClose:
			check = identity[message.TIDClose]
		case wire.MsgCardRequest:
			check = identity[message.CardRequest]
		case wire.MsgCardPut:
			check = identity[message.CardPut]
		default:
			check = identity[message.AIDRequest]
		}
		check(t, wire.MessageType(mt), raw)
	})
}

func identity[T any](t *testing.T, mt wire.MessageType, raw []byte) {
	body, err := message.Decode[T](mt, raw)
	if err != nil {
		if !errors.Is(err, message.ErrLayout) {
			t.Errorf("got %v, want ErrLayout", err)
		}
		return
	}
	if again := message.Encode(mt, body); !bytes.Equal(again, raw) {
		t.Errorf("%x encodes to %x", raw, again)
	}
}

// FuzzOpen: a changed message never opens, an unchanged one always does.
func FuzzOpen(f *testing.F) {
	key := kemKey(f, "aid kem")
	enc := public(f, "grant ephemeral") // fixed: each fuzzing process has to seal alike
	sender, err := message.Decap(key, enc, wire.MsgAIDGrant)
	if err != nil {
		f.Fatal(err)
	}
	good, err := message.SealWith(enc, sender, wire.MsgAIDGrant, nil, []byte("body"))
	if err != nil {
		f.Fatal(err)
	}
	keys := channelKeys(f, 1)
	f.Add(good)
	f.Add(good[:65])
	f.Add(keys.SealCounted(3, nil, []byte("body")))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, _, err := message.OpenFrom(key, wire.MsgAIDGrant, nil, raw)
		if bytes.Equal(raw, good) != (err == nil) {
			t.Errorf("%x opens: %x, %v", raw, body, err)
		}
		if err != nil && !errors.Is(err, message.ErrSealed) {
			t.Errorf("got %v, want ErrSealed", err)
		}
		counter, body, err := keys.OpenCounted(0, nil, raw)
		if err == nil && !bytes.Equal(keys.SealCounted(counter, nil, body), raw) {
			t.Errorf("%x opens to %x, which seals to something else", raw, body)
		}
	})
}

// FuzzCertificate: parsing is the inverse of encoding, and no certificate passes by chance.
func FuzzCertificate(f *testing.F) {
	c := message.Certificate{Type: wire.CertSE, Key: public(f, "se"), Expiry: 1}
	f.Add(c.Encode())
	c.Signature = sign(f, "user", c.Digest())
	f.Add(c.Encode())
	f.Add([]byte{1})
	issuer := public(f, "ca")
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := message.ParseCertificate(raw)
		if err != nil {
			return
		}
		if again := c.Encode(); !bytes.Equal(again, raw) {
			t.Errorf("%x encodes to %x", raw, again)
		}
		if err := c.Check(c.Type, issuer, 0); err == nil {
			t.Errorf("%x was never signed", raw)
		}
	})
}
