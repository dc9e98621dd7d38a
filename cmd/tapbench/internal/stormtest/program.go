package stormtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"tapbench/cmd/tapbench/internal/cli"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
	"tapbench/pcsc/vpcd"
)

// variable makes a program that calls [Main] be tapbench.
const variable = "TAPBENCH_STORM_PROGRAM"

// Main returns the exit code of a program that is its tests; that is a storm of TAPBENCH_SOAK, a
// duration, if the environment has it; and that is tapbench where a storm has started it as that.
func Main(run interface{ Run() int }) int {
	if os.Getenv(variable) == "" {
		if err := os.Setenv(variable, "1"); err != nil { // for those that it starts
			return 1
		}
		if long := os.Getenv(soakVariable); long != "" {
			return soak(long, os.Stdout, os.Stderr)
		}
		return run.Run()
	}
	if len(os.Args) < 2 || strings.HasPrefix(os.Args[1], "-") {
		fmt.Fprintln(os.Stderr, "stormtest: started as tapbench, with the arguments of a test")
		return 2
	}
	streams := shell.System("storm")
	streams.Connect = dialCard
	return cli.Main(context.Background(), os.Args[1:], streams)
}

// dialCard connects to the card behind a Unix socket, which stands for the reader's name.
func dialCard(ctx context.Context, socket string) (pcsc.Card, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, &pcsc.Error{Op: "connecting", Reader: socket, Err: pcsc.ErrNoCard}
	}
	return vpcd.Open(ctx, conn, socket)
}

// connector is where a command finds its card.
type connector func(ctx context.Context, reader string) (pcsc.Card, error)

// command runs one of tapbench's commands here, and returns its standard output.
func (s *stand) command(ctx context.Context, connect connector, args ...string) ([]byte, error) {
	var out, log bytes.Buffer
	code := cli.Main(ctx, append([]string{"--log-level", "error"}, args...), shell.Streams{
		In: strings.NewReader(""), Out: &out, Err: &log, Connect: connect, Version: "storm",
		Getenv: func(name string) string { return s.env[name] },
	})
	if code != 0 {
		return out.Bytes(), fmt.Errorf("%s: %w", strings.Join(args[:2], " "),
			lastWords(log.String()))
	}
	return out.Bytes(), nil
}

// lastWords returns what a command has said of its failure, without what it has told on the way.
func lastWords(log string) error {
	var words []string
	for line := range strings.Lines(log) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "tapbench: "); ok {
			words = append(words, text)
		}
	}
	return errors.New(strings.Join(words, "; "))
}
