package emvcard

import (
	"encoding/binary"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
)

// typeNone stands for a cryptogram that wasn't asked for (yet), in the bits of a CID.
const typeNone byte = 0x80

// bit is one bit of the card verification results: where, and whether.
type bit struct {
	at   int // byte, counted from 0
	mask byte
	set  bool
}

func set(cvr []byte, bits []bit) {
	for _, b := range bits {
		if b.set {
			cvr[b.at] |= b.mask
		}
	}
}

// issuerData returns the issuer application data (9F10) of the transaction as it stands.
func (c *Card) issuerData(next *state) []byte {
	a := c.application()
	switch a.Scheme {
	case cryptogram.VersionCCD, cryptogram.VersionCCD3DES:
		d := cryptogram.CCDIAD{
			TripleDES: a.Scheme == cryptogram.VersionCCD3DES, KeyIndex: a.KeyIndex,
			CVR: c.resultsCCD(next),
		}
		binary.BigEndian.PutUint16(d.Counters[:], c.account(next).offline)
		amount, err := emv.N12(c.account(next).amount)
		if err == nil { // always: it has twelve digits
			copy(d.Counters[2:], amount[:])
		}
		return d.Encode()
	case cryptogram.VersionCVN10:
		return c.issuerDataShort(next, cryptogram.CVN10Byte)
	default:
		return c.issuerDataShort(next, cryptogram.CVN18Byte)
	}
}

// issuerDataShort is that of cryptogram versions 10 and 18: length, key index, version, and the
// card verification results with their length before them.
func (c *Card) issuerDataShort(next *state, version byte) []byte {
	cvr := c.results(next)
	const length, cvrLength = 0x06, 0x03
	return append([]byte{length, c.application().KeyIndex, version, cvrLength}, cvr[:]...)
}

// results are the card verification results of versions 10 and 18, 3 bytes.
func (c *Card) results(next *state) (cvr [3]byte) {
	tx, account := &c.session.tx, c.account(next)
	before := tx.before
	cvr[0] = c.types()
	cvr[2] = min(before.scripts.done, 0x0F) << 4
	set(cvr[:], []bit{
		{0, 0x08, tx.authenticated.tried && !tx.authenticated.right},
		{0, 0x04, tx.pin.tried},
		{0, 0x02, tx.pin.tried && !tx.pin.right},
		{0, 0x01, tx.unable},
		{1, 0x80, before.flags&flagPending != 0},
		{1, 0x40, c.pinBlocked(account)},
		{1, 0x20, tx.exceeded != 0},
		{1, 0x10, !before.online},
		{1, 0x08, before.flags&flagAuthFailed != 0},
		{1, 0x04, before.flags&flagAuthAbsent != 0},
		{1, 0x01, before.flags&flagSDAFailed != 0},
		{2, 0x08, before.scripts.failed},
		{2, 0x04, before.flags&flagDDAFailed != 0},
		{2, 0x02, tx.dda || tx.cda},
	})
	return cvr
}

// resultsCCD are those of the common core definitions (EMV 4.3 Book 3, annex C).
func (c *Card) resultsCCD(next *state) (cvr [5]byte) {
	tx, account := &c.session.tx, c.account(next)
	before := tx.before
	cvr[0] = c.types()
	cvr[1] = account.tries << 4
	cvr[3] = min(before.scripts.done, 0x0F) << 4
	set(cvr[:], []bit{
		{0, 0x08, tx.cda},
		{0, 0x04, tx.dda},
		{0, 0x02, !tx.authenticated.tried},
		{0, 0x01, tx.authenticated.tried && !tx.authenticated.right},
		{1, 0x08, tx.pin.tried},
		{1, 0x04, tx.pin.tried && !tx.pin.right},
		{1, 0x02, c.pinBlocked(account)},
		{1, 0x01, before.flags&flagPending != 0},
		{2, 0x80, tx.exceeded&lowerCount != 0},
		{2, 0x40, tx.exceeded&upperCount != 0},
		{2, 0x20, tx.exceeded&lowerAmount != 0},
		{2, 0x10, tx.exceeded&upperAmount != 0},
		{3, 0x08, before.scripts.failed},
		{3, 0x04, before.flags&(flagSDAFailed|flagDDAFailed) != 0},
		{3, 0x02, before.flags&flagGoOnline != 0},
		{3, 0x01, tx.unable},
	})
	return cvr
}

// types are the two cryptograms' types: the second in bits 8 and 7, the first in bits 6 and 5.
func (c *Card) types() byte {
	tx := &c.session.tx
	second := typeNone
	if tx.completed {
		second = tx.second
	}
	return second | tx.first>>2
}

// pinBlocked says whether there is a PIN and no try for it is left.
func (c *Card) pinBlocked(account *account) bool {
	return c.application().PIN != nil && account.tries == 0
}
