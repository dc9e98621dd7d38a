package acquirer

import (
	"fmt"
	"slices"
)

// Network is what a message 0800 is about, field 70 (ISO 8583:1987, annex A).
type Network string

// The network management codes in use.
const (
	// NetworkSignOn: the terminal begins. Each connection begins with it.
	NetworkSignOn Network = "001"
	// NetworkSignOff: the terminal ends.
	NetworkSignOff Network = "002"
	// NetworkEcho: is the TSM there?
	NetworkEcho Network = "301"
)

// Networks returns the network management codes in use.
func Networks() []Network { return []Network{NetworkSignOn, NetworkSignOff, NetworkEcho} }

// String returns "signing on", "signing off" or "echo".
func (n Network) String() string {
	switch n {
	case NetworkSignOn:
		return "signing on"
	case NetworkSignOff:
		return "signing off"
	case NetworkEcho:
		return "echo"
	default:
		return "network management"
	}
}

// message returns the message 0800.
func (n Network) message(k Key) isoMessage {
	m := isoMessage{mti: mtiNetwork, fields: map[int]string{fieldNetwork: string(n)}}
	m.setKey(k)
	return m
}

// parseNetwork reads a message 0800.
func parseNetwork(m isoMessage) (Network, error) {
	if err := m.check(mtiNetwork); err != nil {
		return "", err
	}
	n := Network(m.fields[fieldNetwork])
	if !slices.Contains(Networks(), n) {
		return "", fmt.Errorf("%w: field %d isn't in use", ErrFormat, fieldNetwork)
	}
	return n, nil
}

// answer returns the message 0810.
func (n Network) answer(k Key, code Code) isoMessage {
	m := answerTo(mtiNetworkAnswer, k, code)
	m.fields[fieldNetwork] = string(n)
	return m
}

// accepted reads the message 0810 that answers n with a key. Anything but an approval is
// [ErrRefused].
func (n Network) accepted(m isoMessage, k Key) error {
	code, err := n.parseAnswer(m, k)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if !code.Approved() {
		return fmt.Errorf("%w: %s", ErrRefused, code)
	}
	return nil
}

func (n Network) parseAnswer(m isoMessage, k Key) (Code, error) {
	if err := m.check(mtiNetworkAnswer); err != nil {
		return "", err
	}
	if err := m.expect(map[int]string{fieldNetwork: string(n)}); err != nil {
		return "", err
	}
	return m.answersKey(k)
}
