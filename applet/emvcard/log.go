package emvcard

import (
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// logEntryLen is how long the entries of a log are, in bytes.
func logEntryLen(log *image.Log) int {
	format, err := tlv.ParseDOL(log.Format)
	if err != nil {
		return 0 // can't happen: the image was checked
	}
	return tlv.DOLLen(format)
}

// readLog returns an entry of the log: 1 is the last transaction.
func (c *Card) readLog(number byte) ([]byte, error) {
	log := c.account(&c.persistent.state).log
	made := int(c.account(&c.persistent.state).logged)
	if int(number) > min(made, len(log)) {
		return nil, apdu.SWRecordNotFound
	}
	return log[(made-int(number))%len(log)], nil
}

// logTransaction makes an entry of the transaction that was approved.
func (c *Card) logTransaction(*state) {}
