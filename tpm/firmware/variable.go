package firmware

import "unicode/utf16"

// guidSize is the length of a UEFI GUID in bytes.
const guidSize = 16

// variable is a UEFI variable as it is measured (UEFI_VARIABLE_DATA): GUID (16), length of the name
// in characters (8), length of the value (8), name in UTF-16, value.
type variable struct {
	name  string
	value []byte
}

// parseVariable reads the data of an event; nothing may follow it.
func parseVariable(data []byte) (variable, error) {
	in := &reader{rest: data}
	in.take(guidSize)
	name, value := in.u64(), in.u64()
	if name > maxData {
		in.fail(ErrFormat, "variable's name of %d characters", name)
		return variable{}, in.err
	}
	v := variable{name: wide(in.take(2 * name)), value: in.take(value)}
	if in.err == nil && len(in.rest) > 0 {
		in.fail(ErrFormat, "%d bytes after the variable", len(in.rest))
	}
	return v, in.err
}

// wide reads text in UTF-16.
func wide(b []byte) string {
	in := &reader{rest: b}
	units := make([]uint16, 0, len(b)/2)
	for len(in.rest) > 1 {
		units = append(units, in.u16())
	}
	return string(utf16.Decode(units))
}

// checkSignatureLists checks the lengths within a list of keys and digests (EFI_SIGNATURE_LIST):
// type (16), length of the whole list (4), of its header (4), of each signature (4), the header,
// signatures of a GUID (16) and content each. Lists may follow each other.
func checkSignatureLists(value []byte) error {
	const head = guidSize + 4 + 4 + 4
	in := &reader{rest: value}
	for in.err == nil && len(in.rest) > 0 {
		in.take(guidSize)
		list, header, each := uint64(in.u32()), uint64(in.u32()), uint64(in.u32())
		if in.err != nil {
			break
		}
		if header != 0 || each <= guidSize || list < head || (list-head)%each != 0 {
			in.fail(ErrFormat, "signature list of %d bytes with signatures of %d", list, each)
			break
		}
		in.take(list - head)
	}
	return in.err
}
