package conformance

import (
	"context"
	"errors"
	"testing"

	"tapbench/applet/emulator"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// platformed is an element below a platform that answers before a selection and knows channels.
type platformed struct {
	pcsc.Card
	platform Platform
	selected bool
}

func (p *platformed) Reset(ctx context.Context) error {
	p.selected = false
	return p.Card.Reset(ctx)
}

func (p *platformed) Transmit(ctx context.Context, raw []byte) ([]byte, error) {
	isSelect := raw[0] == 0 && raw[1] == byte(wire.InsSelect)
	if sw := p.before(raw, isSelect); sw != 0 {
		return apdu.Response{SW: sw}.Encode(), nil //nolint:nilerr // a status word is an answer
	}
	answer, err := p.Card.Transmit(ctx, raw)
	if err != nil {
		return nil, err
	}
	own := p.platform.Unselected
	if isSelect {
		own = p.platform.Unknown
		p.selected = p.selected || answer[len(answer)-2] == 0x90
	}
	if !p.selected && own != 0 {
		return apdu.Response{SW: own}.Encode(), nil //nolint:nilerr // as above
	}
	return answer, nil
}

// before returns what the platform answers without asking the element, or 0.
func (p *platformed) before(raw []byte, isSelect bool) apdu.SW {
	switch {
	case p.platform.Channel != 0 && (raw[0]&0x03 != 0 || raw[1] == 0x70):
		return p.platform.Channel
	case p.platform.Selects && isSelect && wire.AID(raw[5:5+int(raw[4])]) == wire.AIDPackage:
		return wire.SWNormal
	default:
		return 0
	}
}

func TestDetect(t *testing.T) {
	for name, want := range map[string]Platform{
		"before the first selection": {Unselected: apdu.SWNoCurrentEF, Unknown: 0x6999},
		"parts of an AID":            {Selects: true},
		"channels":                   {Channel: Refusal},
		"none":                       {},
	} {
		t.Run(name, func(t *testing.T) {
			card, err := emulator.New(emulator.Config{})
			if err != nil {
				t.Fatal(err)
			}
			platform := want
			if platform.Channel != 0 {
				platform.Channel = 0x6881
			}
			got, err := Detect(t.Context(), &platformed{Card: pcsc.NewDirect(card), platform: platform})
			if err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
}

// gone is a card that was taken away.
type gone struct{ pcsc.Card }

func (gone) Reset(context.Context) error { return pcsc.ErrCardRemoved }

func TestDetectWithoutACard(t *testing.T) {
	if _, err := Detect(t.Context(), gone{}); !errors.Is(err, pcsc.ErrCardRemoved) {
		t.Errorf("got %v, want ErrCardRemoved", err)
	}
}
