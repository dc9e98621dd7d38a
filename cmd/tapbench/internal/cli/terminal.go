package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
)

const outcomeApproved = "approved"

func (a *app) newTerminal() *cobra.Command { return &cobra.Command{Use: "terminal"} }

func (a *app) newMeasureTap() *cobra.Command { return &cobra.Command{Use: "tap"} }

func (d *demoRun) pay(context.Context) error { return nil }

func cutReader(se string) (string, bool) { return strings.CutPrefix(se, "reader:") }
