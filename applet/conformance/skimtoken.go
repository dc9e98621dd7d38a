package conformance

import (
	"slices"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// noteToken masks what only one token has: key, root and signature, a chain value. What stays must
// be the same for all of an epoch and a class. A challenge is masked and tells of nobody.
func (s *seenCard) noteToken(e tlv.Element) {
	const key, root = 15, 15 + wire.PointLen // places in the token's fields
	switch {
	case e.Tag == wire.TagMerchantChallenge:
		clear(e.Value)
	case e.Tag == wire.TagToken && len(e.Value) == emv.TokenLen:
		s.values[e.Tag] = string(e.Value)
		clear(e.Value[key : root+wire.HashLen])
		clear(e.Value[emv.TokenLen-wire.SignatureLen:])
	case e.Tag == wire.TagTokenShown && len(e.Value) > 2:
		clear(e.Value[2:])
	}
}

// newOffer draws what a rogue reader says to the offline payment application.
func (s *skimmer) newOffer() {
	s.newTerms()
	s.said = emv.OfflinePDOLData{
		Amount: s.terms.Amount, Currency: s.terms.Currency, UN: s.terms.UN, Merchant: s.terms.Merchant,
		Time: noon(),
	}
	if s.choose.IntN(2) == 0 { // an amount that a token of 0.05 can pay
		s.said.Amount = [6]byte{4: 0x01, 5: s.terms.Amount[5] &^ 0x0F}
	}
	if s.choose.IntN(3) == 0 {
		s.said.Unit = 5
	}
	for i := range s.said.Certificate {
		s.said.Certificate[i] = byte(s.choose.UintN(256))
	}
}

// The commands of a rogue reader's tap.
func (s *skimmer) offlineOptions() move {
	return send((&purchase{d: s.said}).optionsCommand())
}

func (s *skimmer) offlineAC(p1 byte) move {
	return send((&purchase{d: s.said}).acCommand(p1))
}

func (s *skimmer) offlineOffer() []move {
	return []move{send(selectCommand(wire.AIDOffline)), s.offlineOptions()}
}

func (s *skimmer) offlineTap() []move {
	return append(s.offlineOffer(), send(recordCommand(1)), s.offlineAC(wire.P1TC),
		send(tickCommand(1)), send(tickCommand(2)))
}

// forged is EXTERNAL AUTHENTICATE with a certificate that nobody signed.
func (s *skimmer) forged() move {
	a := emv.MerchantAuth{Time: s.said.Time}
	a.Certificate.Type = wire.CertMerchant
	copy(a.Certificate.Subject[:], s.said.Merchant[:])
	a.Certificate.Key[0] = 4
	return send(authCommand(a))
}

// offlineTold returns the visits that a test wouldn't leave to chance.
func (s *skimmer) offlineTold() []visit {
	payable := func() {
		s.newOffer()
		s.said.Currency, s.said.Amount, s.said.Unit = euro(), [6]byte{4: 0x01, 5: 0x50}, 0
	}
	payable()
	visits := []visit{
		{
			kind: "SELECT", harmless: true,
			moves: []move{send(selectCommand(wire.AIDOffline)), send(selectCommand(wire.AIDOffline))},
		},
		{
			kind: "GPO, and the field lost", harmless: true,
			moves: slices.Concat(s.offlineOffer(), []move{{what: fieldLost}}, s.offlineOffer()),
		},
		{kind: "a whole tap", moves: append(s.offlineTap(), send(receiptCommand(message.Signature{1})))},
	}
	payable()
	visits = append(visits, visit{kind: "forged proof", harmless: false, moves: slices.Concat(
		s.offlineOffer(), []move{s.forged(), send(recordCommand(1)), s.forged()})})
	payable()
	visits = append(visits, visit{
		kind: "the same tap five times",
		moves: slices.Concat(s.offlineTap(), s.offlineTap(), s.offlineTap(), s.offlineTap(),
			s.offlineTap()),
	})
	payable()
	torn := append([]move{{what: tearBefore}}, s.offlineTap()...)
	torn = append(append(torn, move{what: tearAfter}), s.offlineTap()...)
	visits = append(visits, visit{kind: "records torn", moves: append(torn, s.offlineTap()...)})
	payable()
	others, base := s.offlineTap(), s.said
	for _, change := range []func(*emv.OfflinePDOLData){
		func(d *emv.OfflinePDOLData) { d.UN[0]++ },
		func(d *emv.OfflinePDOLData) { d.Merchant[14]++ },
		func(d *emv.OfflinePDOLData) { d.Certificate[0]++ },
		func(d *emv.OfflinePDOLData) { d.Amount[5] ^= 0x10 },
		func(d *emv.OfflinePDOLData) { d.Time++ },
		func(d *emv.OfflinePDOLData) { d.Unit = 5 },
	} {
		s.said = base
		change(&s.said)
		others = append(others, s.offlineTap()...)
	}
	return append(visits, visit{kind: "another UN, merchant, amount", moves: others})
}

// offlineVisits are the told ones, then random ones, n in all.
func (s *skimmer) offlineVisits(n int) []visit {
	all := s.offlineTold()
	for len(all) < n {
		v := visit{kind: "random"}
		s.newOffer()
		for range 5 + s.choose.IntN(8) {
			v.moves = append(v.moves, s.offlineMove()...)
		}
		all = append(all, v)
	}
	return all
}

// offlineMove makes one or a few random moves.
func (s *skimmer) offlineMove() []move {
	switch s.choose.IntN(11) {
	case 0:
		s.newOffer()
		return []move{s.offlineOptions()}
	case 1:
		return s.offlineOffer()
	case 2:
		return []move{send(recordCommand(1)), send(recordCommand(2))}
	case 3:
		return []move{s.offlineAC([]byte{wire.P1TC, wire.P1AAC, wire.P1ARQC}[s.choose.IntN(3)])}
	case 4:
		return []move{send(tickCommand(byte(s.choose.IntN(4))))}
	case 5:
		return []move{s.forged()}
	case 6:
		return []move{{what: []event{tearBefore, tearAfter}[s.choose.IntN(2)]}, s.offlineOptions()}
	case 7:
		return append([]move{{what: fieldLost}}, s.offlineOffer()...)
	case 8:
		return s.offlineProbe()
	case 9:
		return []move{send(receiptCommand(message.Signature{2}))}
	default:
		return s.offlineTap()
	}
}

// offlineProbe asks for what no terminal asks for.
func (s *skimmer) offlineProbe() []move {
	management := send(selectCommand(wire.AIDManagement))
	slot := byte(s.choose.IntN(wire.TokenSlots))
	moves := []move{management}
	for _, ins := range []wire.INS{
		wire.InsTokenShow, wire.InsTokenClose, wire.InsTokenRequest, wire.InsTokenChain,
	} {
		moves = append(moves, send(ownCommand(ins, slot, 0, nil)))
	}
	moves = append(moves, send(ownCommand(wire.InsTokenNew, slot, 0, []byte{5, 250})))
	for _, object := range []byte{0x01, 0x04, 0x06, 0x07} {
		moves = append(moves, send(apdu.Command{
			INS: byte(wire.InsGetData), P1: 0xDF, P2: object, Ne: 256,
		}))
	}
	return append(moves, s.offlineOffer()...)
}
