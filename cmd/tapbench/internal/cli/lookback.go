package cli

import (
	"context"
	"errors"

	"tapbench/cmd/tapbench/internal/audit"
	"tapbench/cmd/tapbench/internal/audit/dossier"
)

// errAudit means that an audit has found something; what was printed says what.
var errAudit = errors.New("the audit has findings")

// auditResult is what audit prints.
type auditResult struct {
	audit.Report
	Unclaimed []string `json:"unclaimed"` // files that are nobody's and weren't looked at
}

// auditBench audits a kept bench.
func auditBench(ctx context.Context, dir string) (auditResult, error) {
	b, err := dossier.Open(ctx, dir)
	if err != nil {
		return auditResult{}, err
	}
	r, err := audit.Run(ctx, b.Bench)
	return auditResult{r, b.Unclaimed}, err
}
