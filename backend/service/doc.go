// Package service is the HTTPS face that a bank and the TSM have alike: it reads a bounded JSON
// request, asks the party, and answers with JSON or a problem. It decides nothing.
//
//	mux := service.NewMux(log)
//	service.Handle(mux, api.PathOpen, bank.Open)
//	err := service.Serve(ctx, listener, tlsConfig, mux)
//
// A handler is a plain function of request and response types; a
// path that only some callers may use gets the caller's identity from its certificate.
// Handlers run concurrently.
package service
