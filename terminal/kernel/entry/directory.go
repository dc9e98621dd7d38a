package entry

import (
	"cmp"
	"context"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/clause"
)

// fromPPSE takes the candidates out of the contactless directory's FCI. A card without one has
// none.
func (l *List) fromPPSE(ctx context.Context) error {
	c := SelectByName([]byte(wire.AIDPPSE))
	response, err := Ask(ctx, l.card, c)
	if err != nil {
		return err
	}
	if !Normal(response) {
		l.refused = c.Refused(response.SW)
		l.remark(clause.PPSE, fmt.Sprintf("no contactless directory: SELECT PPSE answered %s",
			response.SW))
		return nil
	}
	l.Directory = FromPPSE
	directory, err := parsePPSE(response.Data)
	if err == nil {
		err = entries(directory, func(c Candidate, entry []byte) {
			if err := c.directed(entry); err != nil {
				l.remark(clause.PPSE, err.Error()+": passed over")
				return
			}
			c.Confirm = false // bits 8 to 5 of 87 are reserved there (Book B 2.6, 3.3.1)
			l.offer(c)
		}, func(text string) { l.remark(clause.PPSE, text) })
	}
	if err != nil {
		l.left, l.refused = nil, fmt.Errorf("%w: %w", ErrData, err)
		l.remark(clause.PPSE, "contactless directory is malformed: "+err.Error())
	}
	return nil
}

func parsePPSE(b []byte) ([]byte, error) {
	f, err := parseFCI(b)
	if err != nil {
		return nil, err
	}
	return tlv.Find(f.own, emv.TagFCIDiscretionary)
}

// fromPSE takes the candidates out of the contact directory's records. Whatever is wrong with it,
// the terminal's own list is tried in its place.
func (l *List) fromPSE(ctx context.Context) error {
	c := SelectByName([]byte(emv.NamePSE))
	response, err := Ask(ctx, l.card, c)
	switch {
	case err != nil:
		return err
	case response.SW == apdu.SWFunctionNotSupported:
		return fmt.Errorf("%w: %w", ErrCardBlocked, c.Refused(response.SW))
	case !Normal(response):
		l.refused = c.Refused(response.SW)
		l.remark(clause.PSE, fmt.Sprintf("no directory: SELECT PSE answered %s", response.SW))
		return nil
	}
	l.Directory = FromPSE
	sfi, table, err := parsePSE(response.Data)
	if err != nil {
		l.remark(clause.PSE, "directory is malformed, the list of AIDs is tried: "+err.Error())
		return nil //nolint:nilerr // the list of AIDs is tried
	}
	return l.directoryRecords(ctx, sfi, table)
}

// parsePSE returns the short file identifier of the directory, and the code table of the names in
// it; 0: none.
func parsePSE(b []byte) (sfi, table byte, err error) {
	f, err := parseFCI(b)
	if err != nil {
		return 0, 0, err
	}
	file, err := tlv.Find(f.own, emv.TagSFI)
	if err != nil {
		return 0, 0, err
	}
	if len(file) != 1 || file[0] < 1 || file[0] > maxPSEFile {
		return 0, 0, fmt.Errorf("%w: 88 is % X, want 01 to 0A", ErrData, file)
	}
	var directory Candidate
	directory.describe(f.own)
	return file[0], directory.Table, nil
}

// directoryRecords reads the directory, record after record, until the card has no more.
func (l *List) directoryRecords(ctx context.Context, sfi, table byte) error {
	spoilt := func(number int, what string) error {
		l.left, l.offered = nil, nil
		l.remark(clause.PSE, fmt.Sprintf("record %d of the directory %s: the list of AIDs is tried",
			number, what))
		return nil
	}
	for n := 1; n <= 0xFF; n++ {
		response, err := Ask(ctx, l.card, ReadRecord(sfi, byte(n)))
		switch {
		case err != nil:
			return err
		case response.SW == apdu.SWRecordNotFound:
			return nil
		case !Normal(response):
			return spoilt(n, "answered "+response.SW.String())
		}
		body, err := tlv.Find(response.Data, emv.TagRecord)
		if err == nil {
			err = entries(body, func(c Candidate, _ []byte) {
				c.Table = cmp.Or(c.Table, table) // 9F11 stands in the FCI (Book 1, annex B)
				l.offer(c)
			}, func(text string) { l.remark(clause.PSE, text) })
		}
		if err != nil {
			return spoilt(n, "is malformed: "+err.Error())
		}
	}
	return nil
}
