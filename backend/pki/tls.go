package pki

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"

	"tapbench/applet/message"
)

// Clients says what a server asks of its clients.
type Clients int

// The policies.
const (
	// NoClients asks for no certificate.
	NoClients Clients = iota
	// AskClients takes clients without a certificate, such as wallets, and checks those that have
	// one.
	AskClients
	// RequireClients turns clients without a certificate away ([ErrNoCertificate]).
	RequireClients
)

// ServerTLS returns the configuration of a server that the party runs. A client that shows a
// certificate must pass all of these, in this order:
//   - it is valid now ([ErrExpired]), issued by the bench's CA ([ErrUnknownCA]) and for TLS
//     clients ([ErrUsage]);
//   - it names a party of one of the roles ([ErrWrongPeer]).
//
// The server sees these errors in its log; the client learns that it was refused (see [Explain]).
func (p *Party) ServerTLS(clients Clients, roles ...Role) *tls.Config {
	config := p.config()
	if clients == NoClients {
		return config
	}
	config.ClientAuth = tls.RequestClientCert // VerifyConnection decides
	config.VerifyConnection = func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) == 0 && clients == AskClients {
			return nil
		}
		_, err := p.Caller(&state, roles...)
		return unverified(state, err)
	}
	return config
}

// Caller returns who is at the other end of a connection to the party's server, by its
// certificate. It makes all checks of [Party.ServerTLS] again, so it may be asked about any
// connection, at any time; a nil state is no TLS and gives [ErrNoCertificate].
func (p *Party) Caller(state *tls.ConnectionState, roles ...Role) (message.PartyID, error) {
	if state == nil {
		return message.PartyID{}, ErrNoCertificate
	}
	who, err := p.verifyPeer(*state, x509.ExtKeyUsageClientAuth)
	if err != nil {
		return message.PartyID{}, err
	}
	if !slices.Contains(roles, who.Role) {
		return message.PartyID{}, fmt.Errorf("%w: %s is a %s", ErrWrongPeer, who.ID, who.Role)
	}
	return who.ID, nil
}

// ClientTLS returns the configuration of a client that calls one server. The server's certificate
// must pass all of these, in this order:
//   - it is valid now ([ErrExpired]), issued by the bench's CA ([ErrUnknownCA]) and for TLS
//     servers ([ErrUsage]);
//   - it names that role and that ID ([ErrWrongPeer]).
//
// A failure comes back from the handshake as a *tls.CertificateVerificationError that wraps one of
// these. ClientTLS returns [ErrNoPeer] for a server that the party doesn't know. A party without a
// TLS key, such as a wallet, shows no certificate.
func (p *Party) ClientTLS(role Role, id message.PartyID) (*tls.Config, error) {
	if _, err := p.Peer(role, id); err != nil {
		return nil, err
	}
	config := p.config()
	// Peers are known by role and ID, not by host name: VerifyConnection makes all the checks that
	// this leaves out, and runs in every handshake.
	config.InsecureSkipVerify = true
	config.VerifyConnection = func(state tls.ConnectionState) error {
		who, err := p.verifyPeer(state, x509.ExtKeyUsageServerAuth)
		if err == nil && (who.Role != role || who.ID != id) {
			err = fmt.Errorf("%w: %s %s answers instead of %s %s",
				ErrWrongPeer, who.Role, who.ID, role, id)
		}
		return unverified(state, err)
	}
	return config, nil
}

// config is what both ends share.
func (p *Party) config() *tls.Config {
	config := &tls.Config{
		MinVersion:             tls.VersionTLS13,
		SessionTicketsDisabled: true,
		Time:                   p.now,
	}
	if own := p.tls.Reveal(); own.PrivateKey != nil {
		config.Certificates = []tls.Certificate{own}
	}
	return config
}

func (p *Party) verifyPeer(state tls.ConnectionState, tlsUse x509.ExtKeyUsage) (Member, error) {
	if len(state.PeerCertificates) == 0 {
		return Member{}, ErrNoCertificate
	}
	return p.verify(state.PeerCertificates[0], useTLS, tlsUse)
}

// unverified wraps an error as the standard library's own verification does.
func unverified(state tls.ConnectionState, err error) error {
	if err == nil {
		return nil
	}
	return &tls.CertificateVerificationError{
		UnverifiedCertificates: state.PeerCertificates, Err: err,
	}
}
