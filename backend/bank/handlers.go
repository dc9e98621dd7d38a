package bank

import (
	"tapbench/backend/api"
	"tapbench/backend/service"
)

// Handle adds the bank's paths. peer says which TSM a caller is, by its certificate.
func (b *Bank) Handle(mux *service.Mux, peer service.Identify) {
	service.Handle(mux, api.PathInfo, b.Info)
	service.Handle(mux, api.PathOpen, b.Open)
	service.Handle(mux, api.PathActivate, b.Activate)
	service.Handle(mux, api.PathAID, b.AIDRequest)
	service.Handle(mux, api.PathAIDKeys, b.AIDKeys)
	service.Handle(mux, api.PathAIDClose, b.Close)
	service.Handle(mux, api.PathPhoneNonce, b.PhoneNonce)
	service.Handle(mux, api.PathReference, b.Reference)
	service.Handle(mux, api.PathConsent, b.Consent)
	service.HandlePeer(mux, api.PathNonce, peer, b.Nonce)
	service.HandlePeer(mux, api.PathFund, peer, b.Fund)
	service.HandlePeer(mux, api.PathReturn, peer, b.Return)
}
