package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the command without the process around it. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("tidy", flag.ContinueOnError)
	flags.SetOutput(stderr)
	write := flags.Bool("write", false, "renew the depguard part of "+linterConfig)
	if flags.Parse(args) != nil || flags.NArg() > 1 {
		return 2
	}
	root := "."
	if flags.NArg() == 1 {
		root = flags.Arg(0)
	}
	house, err := load(os.DirFS(root))
	if err == nil && *write {
		err = writeDepguard(root, house)
	}
	if err != nil {
		fmt.Fprintln(stderr, "tidy:", err)
		return 1
	}
	if *write {
		return 0
	}
	found := house.check()
	found = append(found, checkModule(ctx, root)...)
	for _, f := range found {
		fmt.Fprintln(stdout, f)
	}
	if len(found) > 0 {
		fmt.Fprintf(stdout, "tidy: %d things to mend in %d files\n", len(found), len(house.files))
		return 1
	}
	fmt.Fprintf(stdout, "tidy: %d files are in order\n", len(house.files))
	return 0
}
