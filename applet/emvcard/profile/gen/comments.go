package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// comments are the fields' comments, by type and field.
type comments map[string]string

// of returns a field's comment without its own name, such as "the answer to reset, whole."
func (c comments) of(typ, field string) string {
	text := strings.Join(strings.Fields(c[typ+"."+field]), " ")
	text = strings.TrimPrefix(text, field+" ")
	return strings.TrimPrefix(strings.TrimPrefix(text, "is "), "are ")
}

// readComments reads the comments of a folder's structs.
func readComments(dir string) (comments, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	found := comments{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("reading comments: %w", err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					for _, id := range f.Names {
						found[spec.Name.Name+"."+id.Name] = f.Doc.Text()
					}
				}
			}
			return false
		})
	}
	return found, nil
}
