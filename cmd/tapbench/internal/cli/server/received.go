package server

import (
	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/received"
)

// addReceivedFlag adds the flag by which a bench has a server record what it is sent.
func addReceivedFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "received", "",
		"on a bench, for \"tapbench audit\": add each message that is received, in clear, to this `file`")
	_ = cmd.MarkFlagFilename("received")
}

// openReceived opens a record, or returns nil if there is to be none.
func openReceived(path string) (*received.Recorder, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // a nil recorder records nothing
	}
	return received.Create(path)
}
