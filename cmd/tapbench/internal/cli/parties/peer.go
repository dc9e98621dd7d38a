package parties

import (
	"fmt"
	"strings"

	"tapbench/applet/message"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// Peer returns a party by the name of its folder or by its ID.
func Peer(p *pki.Party, role pki.Role, name string) (pki.Peer, error) {
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

// SoftwareProvider returns the key of the software provider that a party knows.
func SoftwareProvider(p *pki.Party) (message.PublicKey, error) {
	for _, provider := range p.PeersOf(pki.RoleSP) {
		return provider.Sign, nil
	}
	return message.PublicKey{}, fmt.Errorf("%w: no software provider is known", pki.ErrNoPeer)
}

// SoftwareID is what releases and quotes call the wallet.
const SoftwareID = "tapbench-wallet"
