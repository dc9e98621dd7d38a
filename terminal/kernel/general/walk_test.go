package general_test

import (
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/terminal/kernel/general"
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

func TestRecordWalkAllocatesNothing(t *testing.T) {
	file, list := records(t)
	var walk general.Walk
	if n := testing.AllocsPerRun(100, func() {
		if err := walk.Records(file, list); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
	if walk.Count() < 20 {
		t.Errorf("%d objects kept", walk.Count())
	}
}

// noAuthentication makes a card without offline data authentication: no RSA.
func noAuthentication(a *image.Application) { a.AIP = [2]byte{0x1C, 0} }
