package emulator

import (
	"crypto/subtle"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// managementCommands are the commands of the management application, in PROTOCOL.md's order.
func managementCommands() []command {
	const (
		fresh  = wire.LifeCycleSelectable
		person = wire.LifeCyclePersonalized
		cert   = wire.CertificateLen
		basic  = wire.AlgorithmECDSA | wire.AlgorithmAES
	)
	return []command{
		interindustry(wire.InsGetData, dataParams, (*Card).getData, 0).locked(),
		own(wire.InsGenerateSEKey, noParams, (*Card).generateSEKey, 0).in(fresh).with(basic),
		own(wire.InsPersonalise, noParams, (*Card).personalise,
			personaliseLen).in(fresh).with(basic),
		interindustry(wire.InsGetChallenge, noParams, (*Card).getChallenge, 0).unproven().in(person),
		interindustry(wire.InsExternalAuthenticate, noParams, (*Card).externalAuthenticate,
			wire.MACLen).unproven().in(person),
		own(wire.InsCreateUser, noParams, (*Card).createUser, wire.UserIDLen).in(person),
		own(wire.InsOpenAccount, bankParams, (*Card).openAccount,
			2*cert).in(person).chained().with(wire.AlgorithmECDH),
		own(wire.InsBindAK, bankParams, (*Card).bindAK, wire.PointLen).in(person),
		own(wire.InsPutReference, bankParams, (*Card).putReference,
			putReferenceLen).in(person).locked(),
		own(wire.InsLaunch, launchParams, (*Card).unlock).in(person).locked(),
		own(wire.InsAIDRequest, bankParams, (*Card).aidRequest, 0).in(person),
		own(wire.InsAIDReply, bankParams, (*Card).aidReply, aidReplyLen).in(person),
		own(wire.InsAIDKeys, bankParams, (*Card).aidKeys, 0).in(person),
		own(wire.InsAIDGrant, bankParams, (*Card).aidGrant, aidGrantLen).in(person).chained(),
		own(wire.InsAIDClose, bankParams, (*Card).aidClose, 0).in(person),
		own(wire.InsTIDRegister, tidBankParams, (*Card).tidRegister,
			2*cert+3*wire.NonceLen).in(person).chained(),
		own(wire.InsTIDReply, tidParams, (*Card).tidReply, tidReplyLen).in(person),
		own(wire.InsBINFO, tidParams, (*Card).binfo, binfoDataLen).in(person),
		own(wire.InsTSMINFO, tidParams, (*Card).tsminfo, wire.HashLen).in(person),
		own(wire.InsTIDStatus, tidParams, (*Card).tidStatus, tidStatusLen).in(person),
		own(wire.InsTIDClose, tidParams, (*Card).tidClose, 0).in(person),
		own(wire.InsPutEpochKey, tidParams, (*Card).putEpochKey, cert).in(person),
		own(wire.InsCardRequest, cardRequestParams, (*Card).cardRequest, 0).in(person),
		own(wire.InsCardPut, cardParams, (*Card).cardPut, cardPutLen).in(person),
		own(wire.InsPutEpoch, tidParams, (*Card).putEpoch, putEpochLen).in(person),
		own(wire.InsTokenNew, tokenTIDParams, (*Card).tokenNew, tokenNewLen).in(person),
		own(wire.InsTokenChain, tokenParams, (*Card).tokenChain, 0).in(person),
		own(wire.InsTokenRequest, tokenParams, (*Card).tokenRequest, 0).in(person),
		own(wire.InsTokenPut, tokenParams, (*Card).tokenPut, tokenPutLen).in(person),
		own(wire.InsTokenClose, tokenParams, (*Card).tokenClose, 0).in(person),
		own(wire.InsTokenShow, tokenParams, (*Card).tokenShow, 0).in(person),
		own(wire.InsArm, armParams, (*Card).armTap, armDataLen).in(person),
		own(wire.InsDisarm, noParams, (*Card).disarm, 0).in(person).locked(),
	}
}

// dataTag is the tag in P1-P2.
func dataTag(p1, p2 byte) tlv.Tag { return tlv.Tag(p1)<<8 | tlv.Tag(p2) }

// dataParams wants the tag of a data object of ours.
func dataParams(p1, p2 byte) error {
	switch dataTag(p1, p2) {
	case wire.DataCapability, wire.DataLifeCycle, wire.DataSECertificate, wire.DataStatus,
		wire.DataLaunch, wire.DataCards, wire.DataTokens:
		return nil
	default:
		return wire.SWReferenceNotFound
	}
}

// isPublic says whether a data object is for everybody.
func isPublic(r request) bool {
	tag := dataTag(r.p1, r.p2)
	return tag == wire.DataCapability || tag == wire.DataLifeCycle
}

// getData is GET DATA.
func (c *Card) getData(r request, next *state) ([]byte, error) {
	tag := dataTag(r.p1, r.p2)
	switch tag {
	case wire.DataCapability:
		return c.capability(), nil
	case wire.DataLifeCycle:
		return []byte{byte(next.life)}, nil
	case wire.DataStatus:
		return next.status(), nil
	}
	if next.life != wire.LifeCyclePersonalized {
		return nil, wire.SWConditionsNotSatisfied
	}
	switch tag {
	case wire.DataSECertificate:
		return next.cert[:], nil
	case wire.DataLaunch:
		return next.launch.data(c.session.launched), nil
	case wire.DataCards:
		return next.cardData(), nil
	default:
		return next.tokenData(), nil
	}
}

// status is data object DF04.
func (s *state) status() []byte {
	out := []byte{byte(s.life), s.user.present}
	for i := range s.banks {
		out = append(out, byte(s.banks[i].state))
	}
	for i := range s.tids {
		out = append(out, byte(s.tids[i].state))
	}
	for i := range s.cards {
		out = append(out, byte(s.cards[i].state))
	}
	return append(out, byte(s.arm.state), s.arm.tries)
}

// generateSEKey is GENERATE SE KEY.
func (c *Card) generateSEKey(_ request, next *state) ([]byte, error) {
	pair, err := c.newPair()
	if err != nil {
		return nil, err
	}
	next.se = pair
	return next.se.public[:], nil
}

const personaliseLen = wire.PartyIDLen + wire.PointLen + wire.CertificateLen + wire.KeyLen

// personalise is PERSONALISE: ID_CA || PK_CA || CERT_SE || pairing key.
func (c *Card) personalise(r request, next *state) ([]byte, error) {
	if !next.se.exists() {
		return nil, wire.SWConditionsNotSatisfied
	}
	rest := r.data[copy(next.ca[:], r.data):]
	rest = rest[copy(next.caKey[:], rest):]
	rest = rest[copy(next.cert[:], rest):]
	copy(next.pairing[:], rest)
	cert, err := c.certificate(next, wire.CertSE, next.cert[:])
	if err != nil {
		return nil, err
	}
	if cert.Key != next.se.public {
		return nil, wire.SWWrongData
	}
	next.life = wire.LifeCyclePersonalized
	return nil, nil
}

// certificate reads a certificate and checks type, issuer, key and signature.
func (c *Card) certificate(s *state, t wire.MessageType, raw []byte) (message.Certificate, error) {
	cert, err := message.ParseCertificate(raw)
	if err != nil || cert.Type != t || cert.Issuer != s.ca || !isPoint(cert.Key) {
		return cert, wire.SWWrongData
	}
	return cert, c.verify(s.caKey, t, cert.Digest(), cert.Signature)
}

// party reads a party's two certificates, for signing and for its KEM, and returns its ID too.
func (c *Card) party(s *state, sign, kem wire.MessageType, raw []byte) (
	id message.PartyID, signKey, kemKey message.PublicKey, err error,
) {
	first, err := c.certificate(s, sign, raw[:wire.CertificateLen])
	if err != nil {
		return id, signKey, kemKey, err
	}
	second, err := c.certificate(s, kem, raw[wire.CertificateLen:])
	if err != nil {
		return id, signKey, kemKey, err
	}
	id = message.PartyID(first.Subject[:wire.PartyIDLen])
	if first.Subject != second.Subject || first.Subject != message.PartySubject(id) {
		return id, signKey, kemKey, wire.SWWrongData
	}
	return id, first.Key, second.Key, nil
}

// getChallenge is GET CHALLENGE.
func (c *Card) getChallenge(request, *state) ([]byte, error) {
	fresh := challenge{held: true}
	if err := c.random(fresh.bytes[:]); err != nil {
		return nil, err
	}
	c.session.challenge = fresh
	return fresh.bytes[:], nil
}

// externalAuthenticate is EXTERNAL AUTHENTICATE.
func (c *Card) externalAuthenticate(r request, next *state) ([]byte, error) {
	nonce, held := c.takeChallenge()
	if !held {
		return nil, wire.SWConditionsNotSatisfied
	}
	c.meter.mac(prefixLen + len(nonce))
	want := message.HostAuthMAC(next.pairing, nonce)
	c.session.proven = subtle.ConstantTimeCompare(want[:], r.data) == 1
	if !c.session.proven {
		return nil, wire.SWSecurityStatusNotSatisfied
	}
	return nil, nil
}
