package emvcard

import (
	"fmt"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// maxATR is the longest answer to reset (ISO/IEC 7816-3:2006, 8.1).
const maxATR = 33

// maxTries is what 63Cx and the card verification results can say.
const maxTries = 15

// checkImage says by [ErrImage] what of an image can't be a card's.
func checkImage(card *image.Card) error {
	if n := len(card.ATR); n < 2 || n > maxATR {
		return fmt.Errorf("%w: ATR of %d bytes, expected 2 to %d", ErrImage, n, maxATR)
	}
	for _, d := range []*image.Directory{card.PSE, card.PPSE} {
		if d == nil {
			continue
		}
		if err := checkRecords(d.Records); err != nil {
			return fmt.Errorf("%w: directory: %w", ErrImage, err)
		}
	}
	for i := range card.Applications {
		if err := checkApplication(&card.Applications[i]); err != nil {
			return fmt.Errorf("%w: application %d: %w", ErrImage, i+1, err)
		}
	}
	return nil
}

func checkApplication(a *image.Application) error {
	if n := len(a.AID); n < minName || n > maxName {
		return fmt.Errorf("AID of %d bytes, expected %d to %d", n, minName, maxName)
	}
	lists := map[string][]byte{
		"PDOL": a.PDOL, "CDOL1": a.CDOL1, "CDOL2": a.CDOL2, "DDOL": a.DDOL,
	}
	if a.Log != nil {
		lists["log format"] = a.Log.Format
	}
	for name, list := range lists {
		if err := checkList(list); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	switch {
	case !isPIN(a.PIN):
		return fmt.Errorf("PIN that isn't 4 to 12 digits with 1 to %d tries", maxTries)
	case !a.Scheme.Known():
		return fmt.Errorf("cryptogram scheme %d, expected one of %v", a.Scheme, cryptogram.Schemes())
	case a.ScriptMAC != 0 && (a.ScriptMAC < cryptogram.MinMAC || a.ScriptMAC > cryptogram.MaxMAC):
		return fmt.Errorf("script MACs of %d bytes, expected %d to %d", a.ScriptMAC,
			cryptogram.MinMAC, cryptogram.MaxMAC)
	case a.Log != nil && (a.Log.SFI < 11 || a.Log.SFI > maxSFI || a.Log.Entries < 1):
		return fmt.Errorf("log in file %d with %d entries, expected 11 to %d and 1 or more",
			a.Log.SFI, a.Log.Entries, maxSFI)
	}
	return checkRecords(a.Records)
}

// isPIN says whether a PIN, if there is one, can be one.
func isPIN(pin *image.PIN) bool {
	if pin == nil {
		return true
	}
	_, err := cryptogram.PINBlock(pin.Digits)
	return err == nil && pin.Tries >= 1 && pin.Tries <= maxTries
}

// checkList wants a data object list whose values fit a command.
func checkList(list []byte) error {
	entries, err := tlv.ParseDOL(list)
	if err != nil {
		return err
	}
	const most = apdu.MaxShortNc - 3 // GET PROCESSING OPTIONS has 83 and two bytes of length
	if n := tlv.DOLLen(entries); n > most {
		return fmt.Errorf("values of %d bytes, expected at most %d", n, most)
	}
	return nil
}

func checkRecords(records []image.Record) error {
	type place struct{ sfi, number byte }
	seen := map[place]bool{}
	for _, r := range records {
		at := place{r.SFI, r.Number}
		switch n := len(r.Data); {
		case r.SFI < 1 || r.SFI > maxSFI || r.Number < 1:
			return fmt.Errorf("record %d in file %d, expected 1 or more in 1 to %d", r.Number, r.SFI,
				maxSFI)
		case n < 1 || n > apdu.MaxShortNe:
			return fmt.Errorf("record %d in file %d has %d bytes, expected 1 to %d", r.Number, r.SFI,
				n, apdu.MaxShortNe)
		case seen[at]:
			return fmt.Errorf("record %d in file %d stands twice", r.Number, r.SFI)
		}
		seen[at] = true
	}
	return nil
}
