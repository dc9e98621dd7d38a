package cryptogram

import "tapbench/pcsc/tlv"

// The objects of a data field in format 1 (EMV 4.3 Book 2, 9.2.1.1, 9.3.1.1 and annex D2): data in
// clear or enciphered, then the MAC.
const (
	tagPlain      tlv.Tag = 0x81
	tagEnciphered tlv.Tag = 0x87
	tagMAC        tlv.Tag = 0x8E
)

const (
	// objectHead is the length of tag and length of the MAC's object.
	objectHead = 2
	// paddedFully stands before enciphered data: their padding is 80 00.. (ISO/IEC 7816-4:2005, 6.3).
	paddedFully = 0x01
)

// object is the data's object, nothing for no data.
func object(body []byte, enciphered bool) []byte {
	switch {
	case len(body) == 0:
		return nil
	case enciphered:
		return tlv.Append(nil, tagEnciphered, []byte{paddedFully}, body)
	default:
		return tlv.Append(nil, tagPlain, body)
	}
}

// value takes the data out of their object again. Any other object is [ErrMAC]; enciphered data
// with another padding are [ErrEnciphered].
func value(body []byte, enciphered bool) ([]byte, error) {
	if len(body) == 0 && !enciphered {
		return nil, nil
	}
	want := tagPlain
	if enciphered {
		want = tagEnciphered
	}
	r := tlv.NewReader(body)
	e, err := r.Next()
	if err != nil || e.Tag != want || len(tlv.Append(nil, e.Tag, e.Value)) != len(body) {
		return nil, ErrMAC
	}
	if !enciphered {
		return e.Value, nil
	}
	if len(e.Value) == 0 || e.Value[0] != paddedFully {
		return nil, ErrEnciphered
	}
	return e.Value[1:], nil
}
