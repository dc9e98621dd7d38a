package conformance

import (
	"bytes"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// testWalk takes one card through all stages and looks at its status at each.
func testWalk(t T, b Backend) {
	h := b.fresh(t, Selectable)
	capability := []byte{0x02, 2, 2, 8, 8, 3, 0x03, 0x00}
	got := h.data(uint16(wire.DataCapability))
	if len(got) != 10 || !bytes.HasPrefix(got, capability) || got[9]&0x0F != 0x0F {
		t.Errorf("capability: got %x, want %x and all algorithms", got, capability)
	}
	want := status{life: wire.LifeCycleSelectable}
	for stage := Selectable; ; stage++ {
		want.follow(stage)
		if diff := difference(want, h.status()); diff != "" {
			t.Errorf("stage %d (-want +got):\n%s", stage, diff)
		}
		if life := h.data(uint16(wire.DataLifeCycle)); !bytes.Equal(life, []byte{byte(want.life)}) {
			t.Errorf("stage %d: life cycle %x", stage, life)
		}
		if stage == Armed {
			break
		}
		h.Advance(stage + 1)
	}
	if cert := h.data(uint16(wire.DataSECertificate)); !bytes.Equal(cert, h.cert.Encode()) {
		t.Errorf("CERT_SE: got %x", cert)
	}
	unknown := apdu.Command{INS: byte(wire.InsGetData), P1: 0xDF, P2: 0x08, Ne: 256}
	wantSW(t, "GET DATA DF08", h.transmit(unknown).SW, wire.SWReferenceNotFound)
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	if got := h.status().arm; got != wire.ArmNone {
		t.Errorf("disarmed: state %v", got)
	}
}

// follow makes the status that of the next stage.
func (s *status) follow(stage Stage) {
	switch stage {
	case Personalised:
		s.life = wire.LifeCyclePersonalized
	case UserCreated:
		s.user = 1
	case AccountOpen, Requested, Replied, KeysSent, Granted:
		s.banks[bankSlot] = wire.AccountOpen + wire.SlotState(stage-AccountOpen)
	case Registering, TIDReplied, BINFOMade, InfoMade, Active:
		s.tids[tidSlot] = wire.TIDRegistering + wire.SlotState(stage-Registering)
	case CardRequested:
		s.cards[cardSlot] = wire.CardRequested
	case CardReady:
		s.cards[cardSlot] = wire.CardReady
	case Armed:
		s.arm = wire.ArmReady
	case Selectable, Keyed, EpochKnown: // nothing that the status tells
	}
}
