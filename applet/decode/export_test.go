package decode

import "tapbench/pcsc/tlv"

// Element returns a field of that tag in somebody else's payment application.
func Element(tag tlv.Tag) Field {
	t := traitOf(tag)
	return Field{
		Tag: tag, Name: tagName(tag, dataGrammar, payment), Format: t.format,
		Variation: t.variation, Secrecy: t.secrecy,
	}
}
