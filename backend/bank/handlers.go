package bank

import (
	"tapbench/backend/api"
	"tapbench/backend/service"
)

// Handle adds the bank's paths. tsm and judge say which TSM or judge a caller is, by its
// certificate.
func (b *Bank) Handle(mux *service.Mux, tsm, judge service.Identify) {
	service.Handle(mux, api.PathInfo, b.Info)
	service.Handle(mux, api.PathOpen, b.Open)
	service.Handle(mux, api.PathActivate, b.Activate)
	service.Handle(mux, api.PathAID, b.AIDRequest)
	service.Handle(mux, api.PathAIDKeys, b.AIDKeys)
	service.Handle(mux, api.PathAIDClose, b.Close)
	service.Handle(mux, api.PathPhoneNonce, b.PhoneNonce)
	service.Handle(mux, api.PathReference, b.Reference)
	service.Handle(mux, api.PathConsent, b.Consent)
	service.HandlePeer(mux, api.PathNonce, tsm, b.Nonce)
	service.HandlePeer(mux, api.PathFund, tsm, b.Fund)
	service.HandlePeer(mux, api.PathDraw, tsm, b.Draw)
	service.HandlePeer(mux, api.PathReturn, tsm, b.Return)
	service.HandlePeer(mux, api.PathOpenFunding, judge, b.OpenFunding)
	service.HandlePeer(mux, api.PathOpenings, judge, b.Openings)
}
