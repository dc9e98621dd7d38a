package porttest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// The ports that are given out: lowest to lowest+ports-1. Linux gives clients 32768 and above.
const (
	lowest = 20000
	ports  = 12000
)

// tries is how many ports are tried. One in a hundred may be taken.
const tries = 100

// Take returns a free address on 127.0.0.1, host:port for TCP, and how to give it back. The sign
// that it is taken is that somebody has its UDP port; it ends with this process at the latest.
func Take(ctx context.Context) (address string, give func() error, err error) {
	for range tries {
		address = fmt.Sprintf("127.0.0.1:%d", lowest+rand.IntN(ports)) //nolint:gosec // it hides nothing
		if give, err = take(ctx, address); err == nil {
			return address, give, nil
		}
	}
	return "", nil, fmt.Errorf("looking for a free port: %w", err)
}

func take(ctx context.Context, address string) (give func() error, err error) {
	sign, err := new(net.ListenConfig).ListenPacket(ctx, "udp", address)
	if err != nil {
		return nil, err
	}
	free, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, errors.Join(err, sign.Close())
	}
	return sign.Close, free.Close()
}
