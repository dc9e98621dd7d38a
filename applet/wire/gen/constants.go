package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"strings"
)

// group is one const declaration with its comment.
type group struct {
	doc       string
	constants []registered
}

// registered is one constant of the registry.
type registered struct {
	name  string
	kind  string // the type's name without its package; empty for untyped constants
	doc   string
	text  string // the value of a string
	value int64  // the value of everything else
}

func (c registered) isText() bool { return c.kind == "AID" || c.name == "Label" }

// readConstants returns the const declarations of the registry in the order of their files.
func readConstants(dir string) ([]group, error) {
	fset := token.NewFileSet()
	notTest := func(info fs.FileInfo) bool { return !strings.HasSuffix(info.Name(), "_test.go") }
	//nolint:staticcheck // deprecated for programs of many packages, and this is one
	packages, err := parser.ParseDir(fset, dir, notTest, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("reading the registry: %w", err)
	}
	var files []*ast.File
	for _, name := range sortedKeys(packages["wire"].Files) {
		files = append(files, packages["wire"].Files[name])
	}
	config := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	checked, err := config.Check("tapbench/applet/wire", fset, files, nil)
	if err != nil {
		return nil, fmt.Errorf("checking the registry: %w", err)
	}
	var groups []group
	for _, file := range files {
		for _, declaration := range file.Decls {
			general, ok := declaration.(*ast.GenDecl)
			if !ok || general.Tok != token.CONST {
				continue
			}
			g, err := readGroup(general, checked.Scope())
			if err != nil {
				return nil, err
			}
			groups = append(groups, g)
		}
	}
	return groups, nil
}

func readGroup(general *ast.GenDecl, scope *types.Scope) (group, error) {
	g := group{doc: oneLine(general.Doc.Text())}
	for _, spec := range general.Specs {
		value, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for _, ident := range value.Names {
			object, ok := scope.Lookup(ident.Name).(*types.Const)
			if !ok {
				return group{}, fmt.Errorf("%s isn't a constant", ident.Name)
			}
			c := registered{name: ident.Name, doc: oneLine(value.Doc.Text())}
			if c.doc == "" {
				c.doc = g.doc
			}
			if named, ok := object.Type().(*types.Named); ok {
				c.kind = named.Obj().Name()
			} else if basic, ok := object.Type().(*types.Basic); ok && isKind(basic) {
				c.kind = basic.Name()
			}
			switch object.Val().Kind() {
			case constant.String:
				c.text = constant.StringVal(object.Val())
			case constant.Int:
				c.value, _ = constant.Int64Val(object.Val())
			default:
				return group{}, fmt.Errorf("%s is neither a number nor a string", ident.Name)
			}
			g.constants = append(g.constants, c)
		}
	}
	return g, nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// javaName maps InsGetChallenge to INS_GET_CHALLENGE, AIDPPSE to AID_PPSE.
func javaName(c registered) string {
	name := c.name
	if rest, ok := strings.CutPrefix(name, "AID"); ok && c.kind == "AID" {
		name = "Aid" + rest
	}
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && startsWord(runes, i) {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

// startsWord reports whether a word begins at an upper-case letter: after a lower-case letter or a
// digit, or before a lower-case one.
func startsWord(runes []rune, i int) bool {
	upper := func(r rune) bool { return r >= 'A' && r <= 'Z' }
	if !upper(runes[i]) {
		return false
	}
	return !upper(runes[i-1]) || i+1 < len(runes) && runes[i+1] >= 'a' && runes[i+1] <= 'z'
}

// isKind reports whether a basic type says more than an untyped constant. An int doesn't: it comes
// of len.
func isKind(basic *types.Basic) bool {
	return basic.Info()&types.IsUntyped == 0 && basic.Kind() != types.Int
}
