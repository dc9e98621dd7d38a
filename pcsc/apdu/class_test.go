package apdu_test

import (
	"testing"

	"tapbench/pcsc/apdu"
)

func TestClass(t *testing.T) {
	for _, row := range []struct {
		class         apdu.Class
		coded         bool
		interindustry bool
		chaining      bool
		sm            apdu.SecureMessaging
		channel       int
		getResponse   apdu.Class
	}{
		{0x20, false, true, false, apdu.SMNone, 0, 0x20},
		{0xA0, false, false, false, apdu.SMNone, 0, 0xA0},
		{0xFF, false, false, false, apdu.SMNone, 0, 0xFF},
		{0x00, true, true, false, apdu.SMNone, 0, 0x00},
		{0x03, true, true, false, apdu.SMNone, 3, 0x03},
		{0x04, true, true, false, apdu.SMProprietary, 0, 0x00},
		{0x08, true, true, false, apdu.SMPlainHeader, 0, 0x00},
		{0x1D, true, true, true, apdu.SMHeader, 1, 0x01},
		{0x40, true, true, false, apdu.SMNone, 4, 0x40},
		{0x7F, true, true, true, apdu.SMPlainHeader, 19, 0x4F},
		{0x80, true, false, false, apdu.SMNone, 0, 0x00},
		{0x94, true, false, true, apdu.SMProprietary, 0, 0x00},
		{0xE1, true, false, false, apdu.SMPlainHeader, 5, 0x41},
	} {
		c := row.class
		if c.Coded() != row.coded || c.Interindustry() != row.interindustry {
			t.Errorf("%02X: coded %t, interindustry %t", byte(c), c.Coded(), c.Interindustry())
		}
		if c.Chaining() != row.chaining || c.SecureMessaging() != row.sm {
			t.Errorf("%02X: chaining %t, secure messaging %d", byte(c), c.Chaining(), c.SecureMessaging())
		}
		if c.Channel() != row.channel || c.ForGetResponse() != row.getResponse {
			t.Errorf("%02X: channel %d, GET RESPONSE %02X", byte(c), c.Channel(), byte(c.ForGetResponse()))
		}
	}
}

// TestWithChaining goes through all class bytes: setting and clearing the bit changes nothing else
// and never makes FF, which isn't a class.
func TestWithChaining(t *testing.T) {
	for n := range 256 {
		c := apdu.Class(n)
		on, off := c.WithChaining(true), c.WithChaining(false)
		if off.Chaining() {
			t.Errorf("%02X: cleared, got %02X", n, byte(off))
		}
		if c != 0xFF && on == 0xFF {
			t.Errorf("%02X: set, got FF", n)
		}
		if c.Coded() && c != 0xEF && !on.Chaining() {
			t.Errorf("%02X: set, got %02X", n, byte(on))
		}
		if c.Channel() != on.Channel() || c.SecureMessaging() != off.SecureMessaging() {
			t.Errorf("%02X: more than the chaining bit changed: %02X, %02X", n, byte(on), byte(off))
		}
	}
}
