// Package payouttest makes what a payout of offline claims needs, for tests: a CA, merchants with
// their certificates, and elements that sign whatever they are told, of one token each.
//
//	ca, tsm := payouttest.NewKey(t), payouttest.NewKey(t)
//	shop := payouttest.NewMerchant(t, ca, "MRC00001-SHOP")
//	e := payouttest.NewElement(t, tsm, payouttest.Fields(5, 100, epoch))
//	request := shop.Batch(t, tsmID, e.Spend(t, shop.Terms(at, 1), 0, 25))
//
// No element here is honest or broken by itself: it keeps no index.
package payouttest
