package generaltest

import (
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/personalise/personalisetest"
	"tapbench/applet/emvcard/profile"
)

//go:embed testdata/card.json
var cardProfile []byte

// Bench is what is right about every case: a card, and the CA's keys that its terminal knows. It is
// made once: reading the CA's keys takes longer than a payment.
type Bench struct {
	Card   image.Card
	Keys   oda.CAKeys
	forger forger
}

// NewBench makes it.
func NewBench(t testing.TB) *Bench {
	t.Helper()
	p, err := profile.Parse(cardProfile)
	if err != nil {
		t.Fatal(err)
	}
	card := personalisetest.Make(t, p)
	return &Bench{card, personalisetest.CAKeys(t, card), newForger(t, card)}
}

// change changes an image by the words of a line, and returns the deviations that belong to it:
//
//	blocked, blocked-card     the first application, or the card, is blocked
//	t0                        the card is one of T=0
//	aip HEX                   another AIP
//	pdol HEX, cdol1 HEX       another list
//	record FILE NUMBER HEX    a record more, unsigned, and the AFL names it
//	online-new                the card asks for its issuer when it was never online
//	mandatory-auth            without issuer authentication the second cryptogram is an AAC
func change(card *image.Card, word string) ([]string, error) {
	card.Applications = slices.Clone(card.Applications)
	app := &card.Applications[0]
	fields := strings.Fields(word)
	switch {
	case word == "blocked":
		app.Blocked = true
	case word == "blocked-card":
		card.Blocked = true
	case word == "t0":
		card.T0 = true
	case word == "online-new":
		app.Risk.OnlineNew = true
	case word == "mandatory-auth":
		app.Risk.MandatoryAuth = true
	case len(fields) == 2 && fields[0] == "aip":
		aip, err := hexadecimal(fields[1], len(app.AIP))
		copy(app.AIP[:], aip)
		return nil, err
	case len(fields) == 2 && (fields[0] == "pdol" || fields[0] == "cdol1"):
		list, err := hex.DecodeString(fields[1])
		if fields[0] == "pdol" {
			app.PDOL = list
			return []string{"APP: set 9F38 " + fields[1]}, err
		}
		app.CDOL1 = list
		return []string{"RECORD 2 1: set 8C " + fields[1]}, err
	case len(fields) == 4 && fields[0] == "record":
		return nil, addRecord(app, fields[1:])
	default:
		return nil, fmt.Errorf("image: %q isn't known", word)
	}
	return nil, nil
}

func addRecord(app *image.Application, fields []string) error {
	file, err := strconv.ParseUint(fields[0], 10, 5)
	if err != nil {
		return err
	}
	number, err := strconv.ParseUint(fields[1], 10, 8)
	if err != nil {
		return err
	}
	data, err := hex.DecodeString(fields[2])
	if err != nil {
		return err
	}
	r := image.Record{SFI: byte(file), Number: byte(number), Data: data}
	app.Records = append(slices.Clone(app.Records), r)
	app.AFL = append(slices.Clone(app.AFL), r.SFI<<3, r.Number, r.Number, 0)
	return nil
}
