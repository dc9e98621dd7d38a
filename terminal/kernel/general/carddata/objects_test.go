package carddata_test

import (
	"errors"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/carddata"
	"tapbench/terminal/kernel/general/outcome"
)

// records returns those of a test card's files.
func records(t testing.TB) (emv.File, [][]byte) {
	t.Helper()
	all := emvcardtest.New(t, emvcardtest.Contact).App().Records
	var list [][]byte
	for _, r := range all {
		list = append(list, r.Data)
	}
	return emv.File{SFI: 1, First: 1, Last: byte(len(list)), Signed: byte(len(list))}, list
}

// walk reads the records of a file.
func walk(o *carddata.Objects, f emv.File, records [][]byte) error {
	*o = carddata.Objects{}
	for i, record := range records {
		if err := o.TakeRecord(f, f.First+byte(i), record); err != nil {
			return err
		}
	}
	return nil
}

func TestRecordWalkAllocatesNothing(t *testing.T) {
	file, list := records(t)
	var o carddata.Objects
	if n := testing.AllocsPerRun(100, func() {
		if err := walk(&o, file, list); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
	if n := len(o.All()); n < 20 {
		t.Errorf("%d objects kept", n)
	}
}

func TestTakeRecordBoundsWhatIsSigned(t *testing.T) {
	var o carddata.Objects
	f := emv.File{SFI: 11, First: 1, Last: 65, Signed: 65}
	for n := range 64 {
		if err := o.TakeRecord(f, byte(n+1), []byte{0x70, 0}); err != nil {
			t.Fatal(err)
		}
	}
	if ended := new(outcome.TerminatedError); !errors.As(o.TakeRecord(f, 65, []byte{0x70, 0}), &ended) {
		t.Error("a 65th signed record is taken")
	}
}

func TestSetPutsObjectInThePlaceOfTheOneBefore(t *testing.T) {
	var o carddata.Objects
	for i := range 200 {
		o.Set(emv.TagATC, []byte{byte(i)})
		o.Set(tlv.Tag(0xDF01+i), []byte{1})
	}
	if got, ok := o.Find(emv.TagATC); !ok || got[0] != 199 {
		t.Errorf("got %X, %v, want the last one", got, ok)
	}
	if n := len(o.All()); n != 128 {
		t.Errorf("%d objects kept, want 128", n)
	}
}

// What comes with the answers to commands takes the place of what a card said before, wherever.
func TestSetReplacesTheLastOfSeveral(t *testing.T) {
	var o carddata.Objects
	o.TakeFCI([]byte("\x6F\x06\x9F\x08\x00\x50\x01A"))
	f := emv.File{SFI: 1, First: 1, Last: 1}
	if err := o.TakeRecord(f, 1, []byte("\x70\x03\x50\x01B")); err != nil {
		t.Fatal(err)
	}
	o.Set(emv.TagLabel, []byte("C"))
	if label, _ := o.Find(emv.TagLabel); string(label) != "C" {
		t.Errorf("got %q, want what was set last", label)
	}
}

// What a record says twice is refused; what the answer to SELECT said before, it may say again.
func TestTakeRecordRefusesWhatIsThereTwice(t *testing.T) {
	var o carddata.Objects
	o.TakeFCI([]byte("\x6F\x06\x50\x01A\x9F\x38\x00"))
	f := emv.File{SFI: 1, First: 1, Last: 2}
	if err := o.TakeRecord(f, 1, []byte("\x70\x03\x50\x01B")); err != nil {
		t.Fatal(err)
	}
	err := o.TakeRecord(f, 2, []byte("\x70\x03\x50\x01C"))
	ended := new(outcome.TerminatedError)
	if !errors.As(err, &ended) || ended.Reason.Clause != clause.Records {
		t.Errorf("got %v, want the end by %s", err, clause.Records)
	}
	if label, _ := o.Find(emv.TagLabel); string(label) != "B" {
		t.Errorf("got %q, want the record's own", label)
	}
	if _, ok := o.Find(emv.TagPDOL); ok {
		t.Error("an empty object counts")
	}
}
