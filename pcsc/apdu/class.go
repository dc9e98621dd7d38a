package apdu

// Class is the class byte CLA (ISO/IEC 7816-4:2005, 5.1.1, tables 2 and 3):
//
//	000c ssnn   first interindustry: c chaining, ss secure messaging, nn logical channel 0-3
//	01sc nnnn   further interindustry: s secure messaging, c chaining, nnnn logical channel 4-19
//	001x xxxx   reserved
//	1xxx xxxx   proprietary; 100x and 11xx are read here as 000x and 01xx, which is how Java Card
//	            and GlobalPlatform cards code them
//	1111 1111   no class byte (PC/SC readers use it for pseudo-APDUs)
type Class byte

// The bits of the two codings.
const (
	classFurther   = 0x40
	classChaining  = 0x10
	classRest      = 0x20 // with classFurther clear: reserved or foreign
	classChannel   = 0x03
	classChannel16 = 0x0F
	classSM        = 0x0C
	classSM16      = 0x20
	// firstFurtherChannel is the logical channel that nnnn = 0 stands for.
	firstFurtherChannel = 4
	// MaxChannel is the highest logical channel that a class byte can name.
	MaxChannel = 19
)

// SecureMessaging is how a class byte says that the command is protected.
type SecureMessaging byte

// The indications of ISO/IEC 7816-4:2005, 5.1.1, table 2; a further interindustry class knows the
// first and the third only (table 3).
const (
	SMNone        SecureMessaging = iota // no secure messaging, or no indication
	SMProprietary                        // a proprietary format
	SMPlainHeader                        // clause 6 of the standard, header not authenticated
	SMHeader                             // clause 6 of the standard, header authenticated
)

// Coded reports whether the byte follows one of the two codings, so that the other methods mean
// something: false for 001x xxxx, 101x xxxx and FF.
func (c Class) Coded() bool {
	return c != 0xFF && (c&classFurther != 0 || c&classRest == 0)
}

// Interindustry reports whether the class is the standard's own: the highest bit is clear.
func (c Class) Interindustry() bool { return c&0x80 == 0 }

// Chaining reports whether the command isn't the last of its chain.
func (c Class) Chaining() bool { return c.Coded() && c&classChaining != 0 }

// WithChaining returns the class with the chaining bit set or cleared. A byte that isn't
// [Class.Coded] is returned as it is.
func (c Class) WithChaining(more bool) Class {
	switch {
	case !c.Coded():
		return c
	case more && c|classChaining != 0xFF:
		return c | classChaining
	case more:
		return c
	default:
		return c &^ classChaining
	}
}

// SecureMessaging returns the secure messaging indication, [SMNone] for a byte that isn't
// [Class.Coded].
func (c Class) SecureMessaging() SecureMessaging {
	switch {
	case !c.Coded():
		return SMNone
	case c&classFurther == 0:
		return SecureMessaging(c & classSM >> 2)
	case c&classSM16 != 0:
		return SMPlainHeader
	default:
		return SMNone
	}
}

// Channel returns the logical channel, 0 to [MaxChannel]; 0 for a byte that isn't [Class.Coded].
func (c Class) Channel() int {
	switch {
	case !c.Coded():
		return 0
	case c&classFurther == 0:
		return int(c & classChannel)
	default:
		return firstFurtherChannel + int(c&classChannel16)
	}
}

// ForGetResponse returns the class of the GET RESPONSE that continues a command of class c: the
// interindustry class on the same logical channel, without chaining and secure messaging. A byte
// that isn't [Class.Coded], such as A0 of older SIM cards, is returned as it is.
func (c Class) ForGetResponse() Class {
	switch {
	case !c.Coded():
		return c
	case c&classFurther == 0:
		return c & classChannel
	default:
		return classFurther | c&classChannel16
	}
}
