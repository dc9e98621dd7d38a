package emvcard

import (
	"tapbench/applet/emv"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// readLog returns an entry of the log: 1 is the last transaction.
func (c *Card) readLog(number byte) ([]byte, error) {
	log := c.account(&c.persistent.state).log
	made := int(c.account(&c.persistent.state).logged)
	if int(number) > min(made, len(log)) {
		return nil, apdu.SWRecordNotFound
	}
	return log[(made-int(number))%len(log)], nil
}

// logTransaction makes an entry of the transaction that was approved (EMV 4.3 Book 3, annex D):
// what the terminal has said, with the card's own counter and type. The oldest entry gives way.
func (c *Card) logTransaction(next *state) {
	a, account := c.application(), c.account(next)
	if a.Log == nil || len(account.log) == 0 {
		return
	}
	format, err := tlv.ParseDOL(a.Log.Format)
	if err != nil {
		return // can't happen: the image was checked
	}
	atc := c.atc(next)
	entry := tlv.Fill(nil, format, func(tag tlv.Tag) ([]byte, bool) {
		switch tag {
		case emv.TagATC:
			return atc[:], true
		case emv.TagCID:
			return []byte{emv.CIDTC}, true
		}
		value := c.value(tag)
		return value, value != nil
	})
	n := len(account.log)
	account.log[int(account.logged)%n] = entry
	if account.logged++; int(account.logged) >= wrap(n) {
		account.logged -= uint16(wrap(n) - n) //nolint:gosec // below 65,536
	}
}

// wrap is where the count of entries falls back by a multiple of their number, so that it stays
// below 65,536 and above what the file holds.
func wrap(n int) int {
	const most = 1 << 15
	return most / n * n
}
