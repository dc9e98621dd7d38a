// Package client calls a bank or the TSM over HTTPS, with the types of package api.
//
//	bank := client.New("127.0.0.1:8441", tlsConfig)
//	var info api.Info
//	err := bank.Post(ctx, api.PathInfo, struct{}{}, &info)
//
// A refusal is a *api.Problem. ErrUnreachable means that nothing was sent, ErrNoAnswer that the
// request may have been carried out: repeat it where the request's type says "repeatable". A
// Client is safe for concurrent use.
package client
