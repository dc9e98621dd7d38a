package tsm

import (
	"tapbench/backend/api"
	"tapbench/backend/service"
)

// Handle adds the TSM's paths. Its callers are anonymous but for judges: judge says who a caller
// is, by its certificate.
func (t *TSM) Handle(mux *service.Mux, judge service.Identify) {
	service.Handle(mux, api.PathInfo, t.Info)
	service.Handle(mux, api.PathHello, t.Hello)
	service.Handle(mux, api.PathRegister, t.Register)
	service.Handle(mux, api.PathTIDFund, t.Fund)
	service.Handle(mux, api.PathCard, t.Card)
	service.Handle(mux, api.PathToken, t.Token)
	service.Handle(mux, api.PathTokenClose, t.CloseToken)
	service.Handle(mux, api.PathTIDClose, t.Close)
	service.Handle(mux, api.PathPayout, t.Payout)
	service.Handle(mux, api.PathDenyList, t.DenyList)
	service.HandlePeer(mux, api.PathOpenPayment, judge, t.OpenPayment)
	service.HandlePeer(mux, api.PathOpenings, judge, t.Openings)
}
