package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed audit.html
var auditText string

// Audit is the page about an audit: who has learned what.
type Audit struct {
	Version  string
	Kinds    []AuditKind
	Parties  []AuditParty
	Findings []string
	Joins    []string
	// Shown says of each merchant what offline tokens tell it of its customers.
	Shown []string
}

// AuditKind is a row of the matrix.
type AuditKind struct {
	Name  string
	Count int // of secrets of this kind
}

// AuditParty is a column of the matrix, with a verdict for each kind.
type AuditParty struct {
	Name     string
	Verdicts []string
}

// Write writes the page. It needs no network and runs no script.
func (p *Audit) Write(w io.Writer) error {
	t, err := template.New("audit").Parse(auditText)
	if err != nil {
		return fmt.Errorf("reading the page's template: %w", err)
	}
	return t.Execute(w, p)
}
