package daemon

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// The states of a TCP socket that matter here, as /proc/net/tcp numbers them.
const (
	tcpEstablished = 0x01
	tcpListen      = 0x0A
)

// tcpTable is the table of this network namespace's IPv4 sockets; vpcd listens on IPv4 only.
const tcpTable = "/proc/self/net/tcp"

// tcpSocket is one line of /proc/net/tcp: the local port and the state.
type tcpSocket struct {
	port  uint16
	state uint8
}

// tcpSockets reads the sockets of this process's network namespace. Looking there leaves no trace;
// connecting to a slot to see whether it answers would lay a card on it.
func tcpSockets() ([]tcpSocket, error) {
	file, err := os.Open(tcpTable)
	if err != nil {
		return nil, fmt.Errorf("reading the sockets: %w", err)
	}
	defer closeQuietly(file)
	return parseSockets(file)
}

// parseSockets reads /proc/net/tcp: a title, then lines whose second field is the local address as
// HEX:PORT and whose fourth is the state, both hexadecimal (proc(5)).
func parseSockets(r io.Reader) ([]tcpSocket, error) {
	var sockets []tcpSocket
	lines := bufio.NewScanner(r)
	for first := true; lines.Scan(); first = false {
		if first {
			continue
		}
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 {
			return nil, fmt.Errorf("reading the sockets: unknown line %q", lines.Text())
		}
		_, port, _ := strings.Cut(fields[1], ":")
		number, err := strconv.ParseUint(port, 16, 16)
		if err != nil {
			return nil, fmt.Errorf("reading the sockets: port: %w", err)
		}
		state, err := strconv.ParseUint(fields[3], 16, 8)
		if err != nil {
			return nil, fmt.Errorf("reading the sockets: state: %w", err)
		}
		sockets = append(sockets, tcpSocket{port: uint16(number), state: uint8(state)})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the sockets: %w", err)
	}
	return sockets, nil
}

// holds reports whether a socket with that local port and state is among the sockets.
func holds(sockets []tcpSocket, port uint16, state uint8) bool {
	for _, s := range sockets {
		if s.port == port && s.state == state {
			return true
		}
	}
	return false
}

// checkSlot returns nil if the slot at port waits for a card. It wraps [ErrReaderTaken] if a card
// lies there: the slot's own end of that card's connection is established. A card that was taken
// away leaves its connection in another state, even before vpcd has noticed.
func checkSlot(sockets []tcpSocket, port uint16) error {
	switch {
	case holds(sockets, port, tcpEstablished):
		return ErrReaderTaken
	case !holds(sockets, port, tcpListen):
		return fmt.Errorf("%w: nothing listens at port %d", ErrNoSlot, port)
	default:
		return nil
	}
}

// closeQuietly closes what was only read from, or what nobody is interested in any more.
func closeQuietly(c io.Closer) { _ = c.Close() }
