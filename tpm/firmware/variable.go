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
	in := newReader(data)
	in.Take(guidSize)
	name, value := in.U64(), in.U64()
	if name > maxData {
		in.Fail(ErrFormat, "variable's name of %d characters", name)
		return variable{}, in.Err()
	}
	v := variable{name: wide(in.Take(2 * name)), value: in.Take(value)}
	return v, in.End("variable")
}

// wide reads text in UTF-16.
func wide(b []byte) string {
	in := newReader(b)
	units := make([]uint16, 0, len(b)/2)
	for in.Len() > 1 {
		units = append(units, in.U16())
	}
	return string(utf16.Decode(units))
}

// checkSignatureLists checks the lengths within a list of keys and digests (EFI_SIGNATURE_LIST):
// type (16), length of the whole list (4), of its header (4), of each signature (4), the header,
// signatures of a GUID (16) and content each. Lists may follow each other.
func checkSignatureLists(value []byte) error {
	const head = guidSize + 4 + 4 + 4
	in := newReader(value)
	for in.Len() > 0 {
		in.Take(guidSize)
		list, header, each := uint64(in.U32()), uint64(in.U32()), uint64(in.U32())
		if in.Err() != nil {
			break
		}
		if header != 0 || each <= guidSize || list < head || (list-head)%each != 0 {
			in.Fail(ErrFormat, "signature list of %d bytes with signatures of %d", list, each)
			break
		}
		in.Take(list - head)
	}
	return in.Err()
}
