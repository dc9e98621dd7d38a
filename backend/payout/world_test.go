package payout_test

import (
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/backend/payout/payouttest"
)

// epoch is the tokens' last one.
const epoch message.Epoch = 2972

// now lies in the epoch in which they are issued.
func now() time.Time { return epoch.End().Add(-message.EpochLength - time.Hour) }

// world is a CA, a TSM, two merchants and an element with 100 units of 0.05.
type world struct {
	ca, tsm     payouttest.Key
	shop, other payouttest.Merchant
	element     payouttest.Element
}

func newWorld(t testing.TB) world {
	t.Helper()
	w := world{ca: payouttest.NewKey(t), tsm: payouttest.NewKey(t)}
	w.shop = payouttest.NewMerchant(t, w.ca, "MRC00001-SHOP")
	w.other = payouttest.NewMerchant(t, w.ca, "MRC00002-SHOP")
	w.element = payouttest.NewElement(t, w.tsm, payouttest.Fields(5, 100, epoch))
	return w
}

func (w world) terms(un byte) payouttest.Terms { return w.shop.Terms(now(), un) }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
