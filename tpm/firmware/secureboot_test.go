package firmware_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"tapbench/tpm/firmware"
)

// The events that tell about Secure Boot.
func off() event       { return measured(7, 0x80000001, variable("SecureBoot", []byte{0})) }
func on() event        { return measured(7, 0x80000001, variable("SecureBoot", []byte{1})) }
func separator() event { return measured(7, 4, make([]byte, 4)) }

func database(value []byte) event { return measured(7, 0x80000001, variable("db", value)) }

func TestSecureBootRefuses(t *testing.T) {
	unmeasured := off()
	unmeasured.data = variable("SecureBoot", []byte{1})
	claimed := variable("db", nil)
	binary.LittleEndian.PutUint64(claimed[24:], 1<<20)
	named := variable("db", nil)
	binary.LittleEndian.PutUint64(named[16:], 1<<62)
	size := func(at int, value uint32) []byte {
		list := digests()
		binary.LittleEndian.PutUint32(list[at:], value)
		return list
	}
	for name, events := range map[string][]event{
		"no event":                     nil,
		"no variable":                  {separator()},
		"no separator":                 {off()},
		"variable after the separator": {separator(), off()},
		"variable twice":               {off(), on(), separator()},
		"variable not measured":        {unmeasured, separator()},
		"variable of no value":         {measured(7, 0x80000001, variable("SecureBoot", nil)), separator()},
		"separator twice":              {off(), separator(), separator()},
		"separator of a failure":       {off(), measured(7, 4, []byte{1, 0, 0, 0})},
		"on, and nobody let it start":  {on(), database(digests()), separator()},
		"a debugger":                   {off(), measured(7, 0x80000007, []byte("UEFI Debug Mode")), separator()},
		"unknown type":                 {off(), measured(7, 0x80000099, nil), separator()},
		"unknown type of a driver":     {off(), separator(), measured(2, 0x99, nil)},
		"value of claimed length":      {off(), measured(7, 0x80000001, claimed), separator()},
		"name of claimed length":       {off(), measured(7, 0x80000001, named), separator()},
		"signatures of no length":      {off(), database(size(24, 0)), separator()},
		"signatures without a GUID":    {off(), database(size(24, 15)), separator()},
		"signatures of claimed length": {off(), database(size(16, 1<<20+28)), separator()},
		"list shorter than its head":   {off(), database(size(16, 27)), separator()},
		"list with a header":           {off(), database(size(20, 1)), separator()},
		"authority cut short":          {off(), separator(), measured(7, 0x800000E0, claimed[:20])},
	} {
		t.Run(name, func(t *testing.T) {
			log, err := firmware.Parse(encode(events...))
			if err != nil {
				t.Fatal(err)
			}
			got, err := log.SecureBoot()
			if !errors.Is(err, firmware.ErrSecureBoot) {
				t.Errorf("got %+v, %v, want %v", got, err, firmware.ErrSecureBoot)
			}
		})
	}
	log, err := firmware.Parse(encode(off(), database(digests()), separator()))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := log.SecureBoot(); err != nil || got.On {
		t.Errorf("off: got %+v, %v", got, err)
	}
}
