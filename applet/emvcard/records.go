package emvcard

import (
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
)

// maxSFI is the highest short file identifier (EMV 4.3 Book 3, 5.3.2.2).
const maxSFI = 30

// recordParams wants a record's number, and a file's identifier with the bits 100.
func recordParams(p1, p2 byte) bool {
	sfi := p2 >> 3
	return p1 != 0 && sfi != 0 && sfi <= maxSFI && p2&0x07 == 0x04
}

// readRecord is READ RECORD.
func (c *Card) readRecord(r request, _ *state) ([]byte, error) {
	sfi := r.p2() >> 3
	var records []image.Record
	if a := c.application(); a != nil {
		if a.Log != nil && a.Log.SFI == sfi {
			return c.readLog(r.p1())
		}
		records = a.Records
	} else {
		records = c.image.PSE.Records
	}
	known := false
	for _, record := range records {
		if record.SFI == sfi && record.Number == r.p1() {
			return record.Data, nil
		}
		known = known || record.SFI == sfi
	}
	if known {
		return nil, apdu.SWRecordNotFound
	}
	return nil, apdu.SWFileNotFound
}
