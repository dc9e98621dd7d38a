package decode

import (
	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// trait is what there is to say of a data element beside its name. The zero trait is that of
// elements that are on no list: bytes that may not be kept.
type trait struct {
	format    Format
	variation Variation
	secrecy   Secrecy
}

// hidden returns the trait of an element that may not be kept after all.
func (t trait) hidden() trait {
	if t.secrecy == Clear {
		t.secrecy = Unknown
	}
	return t
}

// traitOf returns what is known of a payment application's data element. This is the list of what
// may be kept: an element that isn't here is [Unknown].
//
// [Signed] are the certificates and signatures 90, 92, 93, 9F2D, 9F2F, 9F46, 9F48 and 9F4B: whoever
// has the CA's key recovers the PAN from 9F2D and 9F46 and its first digits from 90; against 93,
// and against the hash in 9F46, PANs can be tried; and a card's key, which its remainders are parts
// of and its signatures give away, is as good as its name.
//
// Not on the list, on purpose: 9F6E and 9F7C, in which issuers put identifiers; 9F19, 9F24 and
// 9F25, which stand for a PAN; 9F1D, 9F1E, 9F4E and 9F7F, which tell a device or a place.
func traitOf(tag tlv.Tag) trait {
	switch {
	case tag < 0x40:
		return trait{}
	case tag < 0x80:
		return classTrait(tag)
	case tag < 0xC0:
		return contextTrait(tag)
	case tag&^0x7F == 0x5F00:
		return interindustryTrait(tag)
	case tag&^0x3F == 0x9F00:
		if tag&0x20 == 0 {
			return lowTrait(tag)
		}
		return middleTrait(tag)
	case tag&^0x3F == 0x9F40:
		return highTrait(tag)
	default:
		return trait{}
	}
}

// classTrait lists the tags of one byte below 80. The tables are indexed by a tag's low bits.
func classTrait(tag tlv.Tag) trait {
	return [0x40]trait{
		0x42 & 0x3F:           {Numeric, Constant, Clear},
		emv.TagADFName & 0x3F: {Binary, Constant, Clear},
		emv.TagLabel & 0x3F:   {Alphanumeric, Constant, Clear},
		0x56 & 0x3F:           {Alphanumeric, Constant, Track},
		emv.TagTrack2 & 0x3F:  {Compressed, Constant, Track},
		emv.TagPAN & 0x3F:     {Compressed, Constant, PAN},
		0x5B & 0x3F:           {Alphanumeric, Constant, Holder},
	}[tag&0x3F]
}

// contextTrait lists the tags 80 to BF.
func contextTrait(tag tlv.Tag) trait {
	return [0x40]trait{
		0x81 & 0x3F:                   {Integer, Constant, Clear},
		emv.TagAIP & 0x3F:             {BitField, Constant, Clear},
		emv.TagDFName & 0x3F:          {Binary, Constant, Clear},
		emv.TagPriority & 0x3F:        {Coded, Constant, Clear},
		0x88 & 0x3F:                   {Integer, Constant, Clear},
		0x89 & 0x3F:                   {Alphanumeric, Constant, Clear},
		emv.TagARC & 0x3F:             {Alphanumeric, Constant, Clear},
		emv.TagCDOL1 & 0x3F:           {DOL, Constant, Clear},
		emv.TagCDOL2 & 0x3F:           {DOL, Constant, Clear},
		emv.TagCVMList & 0x3F:         {Coded, Constant, Clear},
		0x8F & 0x3F:                   {Binary, Constant, Clear},
		0x90 & 0x3F:                   {Binary, Constant, Signed},
		emv.TagIssuerAuth & 0x3F:      {Binary, Cryptogram, Clear},
		0x92 & 0x3F:                   {Binary, Constant, Signed},
		0x93 & 0x3F:                   {Binary, Constant, Signed},
		emv.TagAFL & 0x3F:             {Coded, Constant, Clear},
		emv.TagTVR & 0x3F:             {BitField, Constant, Clear},
		0x97 & 0x3F:                   {DOL, Constant, Clear},
		0x98 & 0x3F:                   {Binary, Cryptogram, Clear},
		0x99 & 0x3F:                   {Binary, Constant, PIN},
		emv.TagDate & 0x3F:            {Day, DateTime, Clear},
		0x9B & 0x3F:                   {BitField, Constant, Clear},
		emv.TagTransactionType & 0x3F: {Coded, Constant, Clear},
		0x9D & 0x3F:                   {Binary, Constant, Clear},
	}[tag&0x3F]
}

// interindustryTrait lists what begins with 5F.
func interindustryTrait(tag tlv.Tag) trait {
	return [0x80]trait{
		0x5F20 & 0x7F:            {Alphanumeric, Constant, Holder},
		0x5F21 & 0x7F:            {Alphanumeric, Constant, Track},
		0x5F22 & 0x7F:            {Compressed, Constant, Track},
		0x5F23 & 0x7F:            {Compressed, Constant, Track},
		emv.TagExpiration & 0x7F: {Day, Constant, Clear},
		0x5F25 & 0x7F:            {Day, Constant, Clear},
		0x5F28 & 0x7F:            {Country, Constant, Clear},
		emv.TagCurrency & 0x7F:   {Currency, Constant, Clear},
		0x5F2B & 0x7F:            {Numeric, Constant, Holder},
		0x5F2C & 0x7F:            {Binary, Constant, Holder},
		0x5F2D & 0x7F:            {Alphanumeric, Constant, Clear},
		0x5F2E & 0x7F:            {Binary, Constant, Holder},
		0x5F30 & 0x7F:            {Numeric, Constant, Clear},
		emv.TagSequence & 0x7F:   {Numeric, Constant, Clear},
		0x5F35 & 0x7F:            {Binary, Constant, Holder},
		0x5F36 & 0x7F:            {Numeric, Constant, Clear},
		0x5F40 & 0x7F:            {Binary, Constant, Holder},
		0x5F42 & 0x7F:            {Binary, Constant, Holder},
		0x5F43 & 0x7F:            {Binary, Constant, Holder},
		0x5F48 & 0x7F:            {Binary, Constant, Key},
		0x5F53 & 0x7F:            {Alphanumeric, Constant, Holder},
		0x5F54 & 0x7F:            {Alphanumeric, Constant, Clear},
		0x5F55 & 0x7F:            {Alphanumeric, Constant, Clear},
		0x5F56 & 0x7F:            {Alphanumeric, Constant, Clear},
		0x5F57 & 0x7F:            {Coded, Constant, Clear},
	}[tag&0x7F]
}

// lowTrait lists 9F00 to 9F1F.
func lowTrait(tag tlv.Tag) trait {
	return [0x20]trait{
		0x9F01 & 0x1F:              {Numeric, Constant, Clear},
		emv.TagAmount & 0x1F:       {Amount, Constant, Clear},
		emv.TagAmountOther & 0x1F:  {Amount, Constant, Clear},
		0x9F04 & 0x1F:              {Integer, Constant, Clear},
		0x9F06 & 0x1F:              {Binary, Constant, Clear},
		emv.TagUsageControl & 0x1F: {BitField, Constant, Clear},
		0x9F08 & 0x1F:              {Integer, Constant, Clear},
		0x9F09 & 0x1F:              {Integer, Constant, Clear},
		0x9F0A & 0x1F:              {Binary, Constant, Clear},
		0x9F0B & 0x1F:              {Alphanumeric, Constant, Holder},
		0x9F0C & 0x1F:              {Numeric, Constant, Clear},
		emv.TagIACDefault & 0x1F:   {BitField, Constant, Clear},
		emv.TagIACDenial & 0x1F:    {BitField, Constant, Clear},
		emv.TagIACOnline & 0x1F:    {BitField, Constant, Clear},
		emv.TagIAD & 0x1F:          {Coded, ProtocolStatus, Clear},
		0x9F11 & 0x1F:              {Numeric, Constant, Clear},
		0x9F12 & 0x1F:              {Alphanumeric, Constant, Clear},
		0x9F13 & 0x1F:              {Integer, Counter, Clear},
		0x9F14 & 0x1F:              {Integer, Constant, Clear},
		0x9F15 & 0x1F:              {Numeric, Constant, Clear},
		emv.TagMerchant & 0x1F:     {Alphanumeric, Constant, Clear},
		0x9F17 & 0x1F:              {Integer, ProtocolStatus, Clear},
		0x9F18 & 0x1F:              {Binary, Constant, Clear},
		emv.TagCountry & 0x1F:      {Country, Constant, Clear},
		0x9F1B & 0x1F:              {Integer, Constant, Clear},
		0x9F1C & 0x1F:              {Alphanumeric, Constant, Clear},
		0x9F1F & 0x1F:              {Alphanumeric, Constant, Track},
	}[tag&0x1F]
}

// middleTrait lists 9F20 to 9F3F.
func middleTrait(tag tlv.Tag) trait {
	return [0x20]trait{
		0:                          {Compressed, Constant, Track}, // 9F20
		0x9F21 & 0x1F:              {TimeOfDay, DateTime, Clear},
		0x9F22 & 0x1F:              {Binary, Constant, Clear},
		0x9F23 & 0x1F:              {Integer, Constant, Clear},
		emv.TagCryptogram & 0x1F:   {Binary, Cryptogram, Clear},
		emv.TagCID & 0x1F:          {BitField, Constant, Clear},
		0x9F29 & 0x1F:              {Binary, Constant, Clear},
		0x9F2A & 0x1F:              {Binary, Constant, Clear},
		0x9F2D & 0x1F:              {Binary, Constant, Signed},
		0x9F2E & 0x1F:              {Integer, Constant, Clear},
		0x9F2F & 0x1F:              {Binary, Constant, Signed},
		0x9F32 & 0x1F:              {Integer, Constant, Clear},
		0x9F33 & 0x1F:              {BitField, Constant, Clear},
		0x9F34 & 0x1F:              {Coded, Constant, Clear},
		emv.TagTerminalType & 0x1F: {Coded, Constant, Clear},
		emv.TagATC & 0x1F:          {Integer, Counter, Clear},
		emv.TagUN & 0x1F:           {Binary, Challenge, Clear},
		emv.TagPDOL & 0x1F:         {DOL, Constant, Clear},
		0x9F39 & 0x1F:              {Numeric, Constant, Clear},
		0x9F3A & 0x1F:              {Integer, Constant, Clear},
		0x9F3B & 0x1F:              {Binary, Constant, Clear},
		0x9F3C & 0x1F:              {Currency, Constant, Clear},
		0x9F3D & 0x1F:              {Numeric, Constant, Clear},
	}[tag&0x1F]
}

// highTrait lists 9F40 to 9F7F.
func highTrait(tag tlv.Tag) trait {
	return [0x40]trait{
		0:                                 {BitField, Constant, Clear}, // 9F40
		0x9F41 & 0x3F:                     {Integer, Counter, Clear},
		emv.TagApplicationCurrency & 0x3F: {Currency, Constant, Clear},
		0x9F43 & 0x3F:                     {Binary, Constant, Clear},
		0x9F44 & 0x3F:                     {Numeric, Constant, Clear},
		0x9F45 & 0x3F:                     {Binary, Constant, Clear},
		0x9F46 & 0x3F:                     {Binary, Constant, Signed},
		0x9F47 & 0x3F:                     {Integer, Constant, Clear},
		0x9F48 & 0x3F:                     {Binary, Constant, Signed},
		0x9F49 & 0x3F:                     {DOL, Constant, Clear},
		0x9F4A & 0x3F:                     {Binary, Constant, Clear},
		emv.TagDynamicSignature & 0x3F:    {Binary, Signature, Signed},
		0x9F4C & 0x3F:                     {Binary, Challenge, Clear},
		0x9F4D & 0x3F:                     {Binary, Constant, Clear},
		0x9F4F & 0x3F:                     {DOL, Constant, Clear},
		0x9F5A & 0x3F:                     {Binary, Constant, Clear},
		0x9F60 & 0x3F:                     {Binary, Cryptogram, Clear},
		0x9F61 & 0x3F:                     {Binary, Cryptogram, Clear},
		0x9F66 & 0x3F:                     {BitField, Constant, Clear},
		0x9F69 & 0x3F:                     {Binary, Challenge, Clear},
		0x9F6A & 0x3F:                     {Numeric, Challenge, Clear},
		0x9F6B & 0x3F:                     {Compressed, Constant, Track},
		0x9F6C & 0x3F:                     {BitField, Constant, Clear},
		0x9F7E & 0x3F:                     {Binary, Constant, Clear},
	}[tag&0x3F]
}

// ownTrait returns what is known of a data element of our own payment applications, whose cards and
// tokens are nobody's name.
func ownTrait(tag tlv.Tag) trait {
	switch tag {
	case emv.TagTrack2:
		return trait{Compressed, FreshIdentity, Track}
	case emv.TagPAN:
		return trait{Compressed, FreshIdentity, PAN}
	case emv.TagExpiration:
		return trait{Day, DateTime, Clear}
	case emv.TagIAD:
		return trait{Coded, Constant, Clear}
	case wire.TagCardKey:
		return trait{Binary, FreshKey, Clear}
	case wire.TagCardClass:
		return trait{Binary, Constant, Clear}
	case wire.TagCardSignature, wire.TagTapSignature, wire.TagMerchantReceipt,
		emv.TagDynamicSignature:
		return trait{Binary, Signature, Clear}
	case wire.TagMerchantChallenge, wire.TagRelayData:
		return trait{Binary, Challenge, Clear}
	case wire.TagTerminalTime:
		return trait{Integer, DateTime, Clear}
	case wire.TagMerchantHash:
		return trait{Binary, Cryptogram, Clear}
	case wire.TagMeterUnit:
		return trait{Integer, Constant, Clear}
	case wire.TagToken, wire.TagTokenShown:
		return trait{Binary, FreshIdentity, Clear}
	case wire.TagTokenInterval:
		return trait{Binary, ProtocolStatus, Clear}
	default:
		return traitOf(tag)
	}
}
