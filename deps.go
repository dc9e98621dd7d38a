//go:build ignore_deps

package tapbench

import (
	_ "github.com/ebfe/scard"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/google/go-tpm/tpm2"
	_ "github.com/moov-io/iso8583"
	_ "github.com/rogpeppe/go-internal/testscript"
	_ "github.com/rs/zerolog"
	_ "github.com/spf13/cobra"
	_ "golang.org/x/sys/unix"
	_ "golang.org/x/term"
	_ "modernc.org/sqlite"
)
