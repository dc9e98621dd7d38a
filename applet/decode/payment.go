package decode

import (
	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// processingOptions reads the command template 83 with the data that the PDOL asks for.
func (r *reading) processingOptions() {
	objects := tlv.NewReader(r.whole)
	e, err := objects.Next()
	if err != nil || e.Tag != emv.TagCommandTemplate || objects.Left() != 0 || r.whole[0] == 0 {
		r.bytes("PDOL data", trait{})
		return
	}
	f := Field{
		Tag: e.Tag, Name: r.name(e.Tag, dataGrammar),
		Off: len(r.whole) - len(e.Value), Len: len(e.Value),
	}
	if len(e.Value) == 0 {
		f.Secrecy = Clear
		r.add(f)
		return
	}
	i := r.add(f)
	list := r.dialogue.pdol
	switch {
	case len(list) > 0:
	case r.dialogue.kind == ownPayment:
		list = emv.PDOL()
	case r.dialogue.kind == ownOffline:
		list = emv.OfflinePDOL()
	}
	if len(list) > 0 && r.list(list, f.Off, f.Off+f.Len, 1) && i >= 0 {
		r.fields[i].Template = true
	}
}

// cryptogramData reads GENERATE AC's data by the list that is due, or by the other one if only its
// length fits.
func (r *reading) cryptogramData() {
	first, second := r.dialogue.cdol1, r.dialogue.cdol2
	if r.dialogue.kind == ownPayment && len(first) == 0 {
		first, second = emv.CDOL1(), emv.CDOL2()
	}
	if r.dialogue.kind == ownOffline {
		first, second = emv.OfflineCDOL1(), nil
	}
	if r.dialogue.acs > 0 {
		first, second = second, first
	}
	n := len(r.whole)
	if len(first) > 0 && r.list(first, 0, n, 0) || len(second) > 0 && r.list(second, 0, n, 0) {
		return
	}
	r.bytes("CDOL data", trait{})
}

// listed reads data by a list, and by its name as bytes where the list is missing or doesn't fit.
func (r *reading) listed(list []byte, name string, t trait) {
	if len(list) == 0 || !r.list(list, 0, len(r.whole), 0) {
		r.bytes(name, t)
	}
}

// format1 reads a response template 80, whose parts have no tags, and reports whether there is one.
// Only the commands that EMV answers so are looked at: a challenge may begin with 80 as well.
func (r *reading) format1(v verb) bool {
	switch v {
	case getProcessingOptions, generateAC, relayResistance, internalAuthenticate:
	default:
		return false
	}
	if len(r.whole) == 0 || r.whole[0] != byte(emv.TagFormat1) {
		return false
	}
	objects := tlv.NewReader(r.whole)
	e, err := objects.Next()
	if err != nil || objects.Left() != 0 {
		return false
	}
	mark, n := len(r.fields), len(e.Value)
	f := Field{
		Tag: e.Tag, Name: r.name(e.Tag, dataGrammar),
		Off: len(r.whole) - n, Len: n, Template: true,
	}
	r.add(f)
	r.next = f.Off
	switch {
	case v == getProcessingOptions && n >= 2:
		r.part(emv.TagAIP, 2)
		r.part(emv.TagAFL, n-2)
	case v == generateAC && n >= 1+wire.ATCLen+wire.CryptogramLen:
		r.part(emv.TagCID, 1)
		r.part(emv.TagATC, wire.ATCLen)
		r.part(emv.TagCryptogram, wire.CryptogramLen)
		r.part(emv.TagIAD, n-1-wire.ATCLen-wire.CryptogramLen)
	case v == relayResistance && n == wire.RelayLen-wire.EntropyLen:
		times := trait{Integer, Constant, Clear}
		r.element(0, "device relay resistance entropy", wire.EntropyLen, 1, r.allowed(Challenge))
		r.element(0, "shortest time in 100 us", 2, 1, times)
		r.element(0, "longest time in 100 us", 2, 1, times)
		r.element(0, "transmission time in 100 us", 2, 1, times)
	case v == internalAuthenticate:
		r.part(emv.TagDynamicSignature, n)
	default:
		r.fields, r.next = r.fields[:mark], 0
		return false
	}
	return true
}

// part takes n bytes of a template 80, if there are any.
func (r *reading) part(tag tlv.Tag, n int) {
	if n == 0 {
		return
	}
	r.element(tag, r.name(tag, dataGrammar), n, 1, r.trait(tag, dataGrammar))
}

// dataObject reads the answer to GET DATA: with tag and length, as EMV and GlobalPlatform have it,
// or the value alone, as ISO/IEC 7816-4 allows.
func (r *reading) dataObject(c apdu.Command) {
	tag := tlv.Tag(c.P1)<<8 | tlv.Tag(c.P2)
	if r.dialogue.kind == management {
		r.ownDataObject(tag)
		return
	}
	objects := tlv.NewReader(r.whole)
	e, err := objects.Next()
	if err == nil && objects.Left() == 0 && e.Tag == tag && r.tree(0, len(r.whole), 0, dataGrammar) {
		return
	}
	t := r.trait(tag, dataGrammar)
	if name := r.name(tag, dataGrammar); name != "" {
		r.bytes(name, t)
		return
	}
	r.objects()
}

// objects reads data objects, or bytes where there are none.
func (r *reading) objects() {
	if r.partial || len(r.whole) == 0 {
		r.bytes("data", trait{})
		return
	}
	// Of an application that isn't known, or isn't ours, only a single template is taken for data
	// objects: bytes that look like some by chance would give away what is read as tag and length.
	strange := !r.dialogue.kind.known() || r.dialogue.kind == payment
	if strange && !single(r.whole) || !r.tree(0, len(r.whole), 0, dataGrammar) {
		r.bytes("data", trait{})
	}
}

// selection reads SELECT's data, which may be kept: it names an application or a file.
func (r *reading) selection(c apdu.Command) {
	const maxName = 16
	t := trait{Binary, Constant, Clear}
	switch {
	case c.P1&0xFC == 0x04 && len(r.whole) <= maxName:
		r.bytes(nameDFName, t)
	case c.P1 <= 0x03 && len(r.whole) == 2:
		r.bytes("file identifier", t)
	case c.P1&0xFC == 0x08 && len(r.whole)%2 == 0:
		r.bytes("path", t)
	default:
		r.bytes("data", trait{})
	}
}

// externalData reads EXTERNAL AUTHENTICATE's data: the host's proof.
func (r *reading) externalData() {
	switch {
	case r.dialogue.kind == management && len(r.whole) == wire.MACLen:
		r.bytes("host's MAC", trait{Binary, Cryptogram, Clear})
	case r.dialogue.kind.ours() && r.merchantProof():
	case r.dialogue.kind.emv():
		r.bytes(r.name(emv.TagIssuerAuth, dataGrammar), traitOf(emv.TagIssuerAuth))
	default:
		r.bytes("authentication data", trait{Binary, Cryptogram, Unknown})
	}
}

// putObject reads PUT DATA's data, which is the value of the object that P1-P2 names.
func (r *reading) putObject(c apdu.Command) {
	tag := tlv.Tag(c.P1)<<8 | tlv.Tag(c.P2)
	name, t := r.name(tag, dataGrammar), trait{}
	if name == "" {
		name = "data"
	}
	if r.dialogue.kind == ownOffline && tag == wire.TagMerchantReceipt {
		t = ownTrait(tag)
	}
	r.bytes(name, t)
}
