package lookback

import (
	"context"
	"errors"

	"tapbench/cmd/tapbench/internal/audit"
	"tapbench/cmd/tapbench/internal/audit/dossier"
)

// ErrAudit means that an audit has found something; what was printed says what.
var ErrAudit = errors.New("the audit has findings")

// AuditResult is what audit prints.
type AuditResult struct {
	audit.Report
	Unclaimed []string `json:"unclaimed"` // files that are nobody's and weren't looked at
}

// Audit audits a kept bench.
func Audit(ctx context.Context, dir string) (AuditResult, error) {
	b, err := dossier.Open(ctx, dir)
	if err != nil {
		return AuditResult{}, err
	}
	r, err := audit.Run(ctx, b.Bench)
	return AuditResult{r, b.Unclaimed}, err
}
