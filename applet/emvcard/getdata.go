package emvcard

import (
	"encoding/binary"

	"tapbench/applet/emv"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// getData is GET DATA: a data object with its tag and length.
func (c *Card) getData(r request, _ *state) ([]byte, error) {
	tag := tlv.Tag(r.p1())<<8 | tlv.Tag(r.p2())
	value := c.object(tag)
	if value == nil {
		return nil, apdu.SWReferenceNotFound
	}
	return tlv.Append(nil, tag, value), nil
}

// object is a data object's value, or nil.
func (c *Card) object(tag tlv.Tag) []byte {
	a, account := c.application(), c.account(&c.persistent.state)
	switch {
	case tag == emv.TagATC:
		return binary.BigEndian.AppendUint16(nil, account.atc)
	case tag == emv.TagLastOnline:
		return binary.BigEndian.AppendUint16(nil, account.lastOnline)
	case tag == emv.TagPINTries && a.PIN != nil:
		return []byte{account.tries}
	case tag == emv.TagLogFormat && a.Log != nil:
		return a.Log.Format
	}
	if i := c.objectAt(tag); i >= 0 {
		return account.objects[i]
	}
	return nil
}

// objectAt is where an object of the image stands, or -1.
func (c *Card) objectAt(tag tlv.Tag) int {
	for i, o := range c.application().Objects {
		if tlv.Tag(o.Tag) == tag {
			return i
		}
	}
	return -1
}
