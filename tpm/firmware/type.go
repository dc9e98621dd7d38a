package firmware

import "github.com/google/go-eventlog/tcg"

// Type is an event's type (PC Client Platform Firmware Profile, clause 10.4.1).
type Type uint32

// The types that this package looks into, and what their data is.
const (
	NoAction          Type = 0x00000003 // information: extends nothing
	Separator         Type = 0x00000004 // 4 zeros: here the firmware hands over
	Action            Type = 0x00000005 // text
	Tagged            Type = 0x00000006 // tag (4), length (4), data
	CRTMVersion       Type = 0x00000008 // text
	IPL               Type = 0x0000000D // text of a boot loader
	VariableConfig    Type = 0x80000001 // a UEFI variable, such as SecureBoot and db
	VariableBoot      Type = 0x80000002 // a UEFI variable, such as BootOrder
	Application       Type = 0x80000003 // an image, such as a boot loader
	BootDriver        Type = 0x80000004 // an image
	RuntimeDriver     Type = 0x80000005 // an image
	EFIAction         Type = 0x80000007 // text
	FirmwareBlob      Type = 0x80000008 // address (8), length (8)
	VariableBoot2     Type = 0x8000000C // a UEFI variable, of which only the value is measured
	HCRTM             Type = 0x80000010 // of a hardware root of trust
	VariableAuthority Type = 0x800000E0 // the entry of db that let an image start
)

// String returns the type's name in the TCG's documents, such as EV_SEPARATOR, or its number.
func (t Type) String() string { return tcg.EventType(t).TCGString() }
