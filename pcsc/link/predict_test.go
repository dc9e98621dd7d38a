package link_test

import (
	"errors"
	"testing"
	"time"

	"tapbench/pcsc/link"
)

func TestPredict(t *testing.T) {
	card, ok := link.CardNamed("j3r180")
	if !ok {
		t.Fatal("no J3R180")
	}
	var signed link.Work
	signed.Signatures = 1
	signed.Hash(256)
	for name, row := range map[string]struct {
		work link.Work
		want time.Duration
	}{
		"nothing":             {link.Work{}, 0},
		"a signature of 256":  {signed, 40100 * time.Microsecond},
		"an agreement":        {link.Work{Agreements: 1}, 27900 * time.Microsecond},
		"a key pair":          {link.Work{KeyPairs: 1}, 26800 * time.Microsecond},
		"a write of 1 byte":   {link.Work{Transactions: 1, Written: 1}, 5800 * time.Microsecond},
		"a write of 300":      {link.Work{Transactions: 1, Written: 300}, 11600 * time.Microsecond},
		"a MAC of 256":        {link.Work{MACs: 1, MACBlocks: 17}, 8200 * time.Microsecond},
		"a body of 256":       {link.Work{Ciphers: 1, CipherBlocks: 16}, 8000 * time.Microsecond},
		"a verification bare": {link.Work{Verifications: 1}, 33800 * time.Microsecond},
	} {
		t.Run(name, func(t *testing.T) {
			got := link.Predict(card, link.Channel{}, nil, row.work).Total()
			if got.Round(10*time.Microsecond) != row.want {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func TestChannel(t *testing.T) {
	if _, err := link.NewChannel(848); !errors.Is(err, link.ErrRate) {
		t.Errorf("848 kbit/s: %v, want ErrRate", err)
	}
	slow, err := link.NewChannel(106)
	if err != nil {
		t.Fatal(err)
	}
	slow.Turn, slow.Reader = 0, 0
	// 10 bytes in two frames of 5, each with 3 of overhead: 16 bytes of 9 bits.
	got := slow.Time(link.Exchange{Sent: 5, Received: 5})
	if want := 1359 * time.Microsecond; got.Round(time.Microsecond) != want {
		t.Errorf("10 bytes: got %v, want %v", got, want)
	}
	fast, err := link.NewChannel(424)
	if err != nil {
		t.Fatal(err)
	}
	fast.Turn, fast.Reader = 0, 0
	if quick := fast.Time(link.Exchange{Sent: 5, Received: 5}); (4*quick - got).Abs() > 10 {
		t.Errorf("four times the rate takes %v, not a quarter of %v", quick, got)
	}
	// 254 bytes don't fit one frame of 256: a second one, and an acknowledgement.
	one, two := slow.Time(link.Exchange{Sent: 253}), slow.Time(link.Exchange{Sent: 254})
	if want := 595 * time.Microsecond; (two - one).Round(time.Microsecond) != want {
		t.Errorf("one byte beyond the frame: got %v more, want %v", two-one, want)
	}
}

func TestWork(t *testing.T) {
	var w link.Work
	w.Hash(0, 55, 56, 64)
	w.HMAC(10)
	w.MAC(0)
	w.MAC(17)
	want := link.Work{Hashes: 6, HashBlocks: 1 + 1 + 2 + 2 + 2 + 2, MACs: 2, MACBlocks: 2 + 3}
	if w != want {
		t.Errorf("got %+v, want %+v", w, want)
	}
}
