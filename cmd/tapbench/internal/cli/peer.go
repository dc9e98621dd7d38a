package cli

import (
	"fmt"
	"strings"

	"tapbench/applet/message"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// peerByName returns a party by the name of its folder or by its ID.
func peerByName(p *pki.Party, role pki.Role, name string) (pki.Peer, error) {
	var names []string
	for _, peer := range p.PeersOf(role) {
		if peer.Name == name || peer.ID.String() == name {
			return peer, nil
		}
		names = append(names, peer.Name)
	}
	return pki.Peer{}, shell.Usagef("no %s is called %q; there are: %s",
		role, name, strings.Join(names, ", "))
}

// softwareProvider returns the key of the software provider that a party knows.
func softwareProvider(p *pki.Party) (message.PublicKey, error) {
	for _, provider := range p.PeersOf(pki.RoleSP) {
		return provider.Sign, nil
	}
	return message.PublicKey{}, fmt.Errorf("%w: no software provider is known", pki.ErrNoPeer)
}

// softwareID is what releases and quotes call the wallet.
const softwareID = "tapbench-wallet"
