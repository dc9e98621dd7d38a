package emvcard

import (
	"bytes"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// SELECT by name: the first occurrence, or the one behind the selected file.
const (
	selectByName = 0x04
	selectFirst  = 0x00
	selectNext   = 0x02
	minName      = 5 // EMV 4.3 Book 1, 11.3.2
	maxName      = 16
)

// file is what SELECT can find.
type file struct {
	at      place
	app     int
	name    []byte
	fci     []byte
	blocked bool
}

// selectFile is SELECT.
func (c *Card) selectFile(parsed apdu.Command) ([]byte, error) {
	next := parsed.P2 == selectNext
	switch n := len(parsed.Data); {
	case parsed.P1 != selectByName || parsed.P2 != selectFirst && !next:
		return nil, apdu.SWIncorrectP1P2
	case n < minName || n > maxName:
		return nil, apdu.SWWrongLength
	case c.persistent.state.blocked:
		return nil, apdu.SWFunctionNotSupported
	}
	behind := !next // files up to the selected one have no turn
	for _, f := range c.files() {
		selected := f.at == c.session.at && f.app == c.session.app
		if behind && bytes.HasPrefix(f.name, parsed.Data) {
			c.session = session{at: f.at, app: f.app}
			if f.blocked {
				return f.fci, apdu.SWFileDeactivated
			}
			return f.fci, nil
		}
		behind = behind || selected
	}
	return nil, apdu.SWFileNotFound
}

// files returns what can be selected, in the order in which a partial name finds it.
func (c *Card) files() []file {
	var files []file
	if c.image.PSE != nil {
		files = append(files, file{at: inPSE, name: []byte(emv.NamePSE), fci: c.image.PSE.FCI})
	}
	if c.image.PPSE != nil {
		files = append(files, file{at: inPPSE, name: []byte(wire.AIDPPSE), fci: c.image.PPSE.FCI})
	}
	for i, a := range c.image.Applications {
		files = append(files, file{
			at: inApplication, app: i, name: a.AID, fci: a.FCI,
			blocked: c.persistent.state.accounts[i].blocked,
		})
	}
	return append(files, c.blank.files()...)
}
