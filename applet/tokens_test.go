package applet_test

import (
	"errors"
	"testing"

	"tapbench/applet"
	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc"
)

// newElement returns a client of an element that has a TSM account, and the host that plays TSM.
func newElement(t *testing.T) (*applet.Client, *conformance.Host) {
	t.Helper()
	element, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	element.PowerOn()
	card := pcsc.NewDirect(element)
	host := conformance.NewHost(t, card).Advance(conformance.EpochKnown)
	return applet.NewClient(pcsc.NewSession(card)), host
}

func want(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// TestClientTokenSteps makes a token up to its request, through the client.
func TestClientTokenSteps(t *testing.T) {
	client, host := newElement(t)
	ctx := t.Context()
	want(t, "before the epoch is known", client.NewToken(ctx, 0, 0, 5, 100), applet.ErrState)
	nobodys := message.EpochCertificate{}
	want(t, "nobody's epoch", client.PutEpoch(ctx, 0, nobodys), applet.ErrRefused)
	host.NewToken(3, 5, 100)
	want(t, "no such unit", client.NewToken(ctx, 0, 0, 2, 100), applet.ErrRefused)
	want(t, "a token that pays", client.NewToken(ctx, 3, 0, 5, 100), applet.ErrState)
	want(t, "a new one", client.NewToken(ctx, 0, 0, 1, 64), nil)
	for _, left := range []int{1, 0} {
		if got, err := client.ExtendChain(ctx, 0); got != left || err != nil {
			t.Errorf("after a slice: %d left, %v, want %d", got, err, left)
		}
	}
	_, err := client.ExtendChain(ctx, 0)
	want(t, "a chain that is whole", err, applet.ErrState)
	_, err = client.TokenRequest(ctx, 0)
	want(t, "the request", err, nil)
	want(t, "nobody's token", client.PutToken(ctx, 0, make([]byte, 228)), applet.ErrRefused)
	want(t, "a token that is too long", client.PutToken(ctx, 0, make([]byte, 256)), applet.ErrRefused)
	tokens, err := client.Tokens(ctx)
	if err != nil || len(tokens) != wire.TokenSlots {
		t.Fatalf("%d slots, %v", len(tokens), err)
	}
	requested := applet.TokenStatus{State: wire.TokenRequested, Unit: 1, Length: 64}
	if tokens[0] != requested {
		t.Errorf("slot 0: got %+v, want %+v", tokens[0], requested)
	}
	ready := applet.TokenStatus{State: wire.TokenReady, Unit: 5, Length: 100, Epoch: tokens[3].Epoch}
	if tokens[3] != ready || tokens[3].Epoch == 0 {
		t.Errorf("slot 3: got %+v, want %+v", tokens[3], ready)
	}
}

// TestClientTokenClose arms a token, takes the consent back and closes it.
func TestClientTokenClose(t *testing.T) {
	client, host := newElement(t)
	ctx := t.Context()
	host.NewToken(3, 5, 100)
	euro, limit := [wire.CurrencyLen]byte{0x09, 0x78}, [wire.AmountLen]byte{4: 0x20}
	want(t, "arming", client.Arm(ctx, limit, euro, wire.ArmMutual), nil)
	_, _, err := client.CloseToken(ctx, 3)
	want(t, "closing while armed", err, applet.ErrState)
	want(t, "disarming", client.Disarm(ctx), nil)
	_, err = client.ShowToken(ctx, 3)
	want(t, "showing what was never shown", err, applet.ErrState)
	at, sig, err := client.CloseToken(ctx, 3)
	want(t, "closing", err, nil)
	record, err := client.ShowToken(ctx, 3)
	want(t, "showing", err, nil)
	f := record.Token.Fields
	statement := message.TokenClose{Token: record.Token.ID(), At: at}
	if err := message.Verify(f.Key, statement.Digest(), sig); at != 0 || err != nil {
		t.Errorf("closed at %d: %v", at, err)
	}
	if unused := (applet.TokenRecord{Token: record.Token}); record != unused ||
		f.Length != 100 || f.Unit != 5 {
		t.Errorf("the closed token: %+v", record)
	}
}

// TestTokenLeft: of a metering commitment only what was ticked is gone.
func TestTokenLeft(t *testing.T) {
	for _, row := range []struct {
		name string
		s    applet.TokenStatus
		want int
	}{
		{"never used", applet.TokenStatus{Length: 100}, 100},
		{"spent in part", applet.TokenStatus{Length: 100, Index: 40, Kind: wire.TokenSpend}, 60},
		{"used up", applet.TokenStatus{Length: 250, Index: 250, Kind: wire.TokenSpend}, 0},
		{
			"metered", applet.TokenStatus{Length: 100, Index: 100, Ticks: 7, Kind: wire.TokenMeter}, 93,
		},
	} {
		if got := row.s.Left(); got != row.want {
			t.Errorf("%s: %d left, want %d", row.name, got, row.want)
		}
	}
}
